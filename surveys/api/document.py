"""The OpenAPI document (3.1): the paths by hand, everything within them from the pydantic models."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from surveys.api.errors import MANY, MEGABYTES
from surveys.api.results import (
    AskedCells,
    AskedFixes,
    AskedFlags,
    Cells,
    Confirmation,
    Fixes,
    FixWhole,
    Flags,
    Succeeded,
)
from surveys.api.schemas import LONGEST_ID, Answer, Bounce, Interaction, Noted, Problem

SCHEMAS = "#/components/schemas/"
ABOUT = (
    "Tell Pulse about contacts with customers: by the organisation's rules it decides whom to ask how it"
    " went. Read what came of it: fixes, flags, and every figure that may be shown. Every request bears a key"
    " in the header `Authorization: Bearer`. Sending something again is safe: each interaction is taken once."
    " Unknown fields of a body are named in the reply and ignored."
)
WAIT = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
WHO = {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}}}
Told = tuple[str, Mapping[str, object]]  # what a status means, and its headers
PROBLEMS: Mapping[str, Told] = {
    "400": ("The body is not JSON.", {}),
    "401": ("No key, or none that works.", WHO),
    "403": ("The key may not be used for this.", WHO),
    "404": ("What it is about is not known: a touchpoint, a message.", {}),
    "413": (f"More than {MEGABYTES} MB: nothing was taken.", {}),
    "415": ("The body is not marked as JSON.", {}),
    "422": (
        f"Something is not valid; interactions without fault were taken, unless there were over {MANY}.",
        {},
    ),
    "429": ("A wrong key, after many wrong ones.", WAIT),
    "500": ("Something went wrong in Pulse.", {}),
    "503": ("The database is busy: send the same again later.", WAIT),
}

ASKING = {status: PROBLEMS[status] for status in ("401", "403", "429", "500", "503")} | {
    "422": ("Something after the question mark is not understood.", {})
}
ONE_FIX = {status: told for status, told in ASKING.items() if status != "422"} | {
    "404": ("There is no fix of this code.", {})
}
MARKING = dict(PROBLEMS) | {
    "404": ("There is no fix of this code.", {}),
    "409": ("A flag or the newest verdict stands against it, or it was not confirmed.", {}),
    "422": ("The body is not valid.", {}),
}


def _of(model: type[BaseModel]) -> dict[str, object]:
    return {"$ref": f"{SCHEMAS}{model.__name__}"}


def _json(schema: Mapping[str, object], **more: object) -> dict[str, object]:
    return {"application/json": {"schema": schema, **more}}


def _responses(
    words: str, model: type[BaseModel], problems: Mapping[str, Told] = PROBLEMS
) -> dict[str, object]:
    told: dict[str, object] = {"200": {"description": words, "content": _json(_of(model))}}
    for status, (description, headers) in problems.items():
        told[status] = {"description": description, "content": _json(_of(Problem))}
        if headers:
            told[status] = {"description": description, "headers": headers, "content": _json(_of(Problem))}
    return told


def _post(
    name: str,
    summary: str,
    words: str,
    body: Mapping[str, object],
    reply: type[BaseModel],
    does: str,
    *,
    problems: Mapping[str, Told] = PROBLEMS,
    parameters: Sequence[Mapping[str, object]] = (),
) -> dict[str, object]:
    return {
        "post": {
            "operationId": name,
            "summary": summary,
            "description": words,
            "security": [{"key": []}],
            "parameters": list(parameters),
            "requestBody": {"required": True, "content": body},
            "responses": _responses(does, reply, problems),
        }
    }


def _get(
    name: str,
    summary: str,
    words: str,
    reply: type[BaseModel],
    does: str,
    *,
    asked: type[BaseModel] | None = None,
    problems: Mapping[str, Told] = ASKING,
    parameters: Sequence[Mapping[str, object]] = (),
) -> dict[str, object]:
    """asked -- what may stand after the question mark."""
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "description": words,
            "security": [{"key": []}],
            "parameters": [*parameters, *(_query(asked) if asked else ())],
            "responses": _responses(does, reply, problems),
        }
    }


def _query(asked: type[BaseModel]) -> Iterator[dict[str, object]]:
    """What may stand after the question mark, of the model that reads it."""
    schema = asked.model_json_schema()
    for name, told in schema["properties"].items():
        # In an address there is no null: what may be missing has one other form.
        form = next((one for one in told.get("anyOf", ()) if one.get("type") != "null"), told)
        kept = {key: value for key, value in form.items() if key not in ("title", "description")}
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": told["description"],
            "schema": kept,
        }


ONE = {
    "interaction": "ticket-48213",
    "touchpoint": "call-centre",
    "happened_at": "2026-11-22T10:15:00Z",
    "customer": "c-1007",
    "email": "ana@example.org",
    "language": "fr",
}
ANOTHER = {"interaction": 48214, "touchpoint": "call-centre", "phone": "+33 6 12 34 56 78"}
INTERACTIONS = _json(
    {
        "anyOf": [
            _of(Interaction),
            {"type": "array", "items": _of(Interaction), "minItems": 1, "maxItems": MANY},
        ]
    },
    examples={
        "one": {"summary": "One interaction", "value": ONE},
        "several": {"summary": "Several, up to 1,000", "value": [ONE, ANOTHER]},
    },
)
BOUNCE = _json(
    _of(Bounce),
    examples={"bounce": {"value": {"recipient": "ana@example.org", "kind": "bounce"}}},
)
CODE = {
    "name": "code",
    "in": "path",
    "required": True,
    "description": "Code of the fix.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_ID},
}
CONFIRMATION = _json(
    _of(Confirmation),
    examples={
        "success": {"value": {}},
        "all the same": {"value": {"confirmed": True}},
    },
)
RESULTS = "Needs a key for results. "
ITSELF = {
    "get": {
        "operationId": "openapi",
        "summary": "This document",
        "security": [],
        "responses": {"200": {"description": "This document.", "content": _json({"type": "object"})}},
    }
}


def _schemas(models: Sequence[type[BaseModel]]) -> dict[str, Any]:
    _, made = models_json_schema(
        [(model, "validation") for model in models], ref_template=f"{SCHEMAS}{{model}}"
    )
    found: dict[str, Any] = made["$defs"]
    return found


MODELS = (
    *(Interaction, Answer, Problem, Bounce, Noted),
    *(Fixes, FixWhole, Flags, Cells, Confirmation, Succeeded),
)
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pulse", "version": "1", "description": ABOUT},
    "paths": {
        "/api/v1/interactions": _post(
            "take_interactions",
            "Contacts with customers, one or up to 1,000",
            "Needs a key for interactions. Each is taken once, by its id; the reply says of each what became"
            " of it, in the order sent. Those with a fault are refused; the others are taken all the same.",
            INTERACTIONS,
            Answer,
            "Everything was taken: what became of each.",
        ),
        "/api/v1/bounces": _post(
            "note_bounce",
            "A message that came back, or was marked as unwanted",
            "Needs a key for bounces. Says either which message it was, or to whom it went.",
            BOUNCE,
            Noted,
            "It was understood.",
        ),
        "/api/v1/fixes": _get(
            "list_fixes",
            "Fixes with their newest verdict",
            RESULTS + "The fixes that the list on screen shows for the same choice, in its order.",
            Fixes,
            "A page of fixes.",
            asked=AskedFixes,
        ),
        "/api/v1/fixes/{code}": _get(
            "tell_fix",
            "One fix with the verdict of each month",
            RESULTS + "A recomputed month is told as it stands now.",
            FixWhole,
            "The fix.",
            problems=ONE_FIX,
            parameters=[CODE],
        ),
        "/api/v1/fixes/{code}/success": _post(
            "mark_success",
            "Call a fix a success",
            "Needs a key for fixes. Never beside a flag that is not closed, nor against the newest verdict."
            " Sending it again changes nothing.",
            CONFIRMATION,
            Succeeded,
            "It is called a success.",
            problems=MARKING,
            parameters=[CODE],
        ),
        "/api/v1/flags": _get(
            "list_flags",
            "Flags and how far they have come",
            RESULTS + "The flags that the inbox shows for the same choice, in its order.",
            Flags,
            "A page of flags.",
            asked=AskedFlags,
        ),
        "/api/v1/cells": _get(
            "list_cells",
            "Figures that may be shown",
            RESULTS + "A figure that is hidden, and one that nobody answered for, are not in it.",
            Cells,
            "A page of up to 1,000 figures.",
            asked=AskedCells,
        ),
        "/api/v1/openapi.json": ITSELF,
    },
    "components": {
        "schemas": _schemas(MODELS),
        "securitySchemes": {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "A key made by an administrator on the page /keys, or by `flask keys add`.",
            }
        },
    },
}
