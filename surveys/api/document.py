"""The OpenAPI document (3.1): the paths by hand, everything within them from the pydantic models."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from surveys.api.errors import MANY, MEGABYTES
from surveys.api.schemas import Answer, Bounce, Interaction, Noted, Problem

SCHEMAS = "#/components/schemas/"
ABOUT = (
    "Tell Pulse about contacts with customers: by the organisation's rules it decides whom to ask how it"
    " went. Every request bears a key in the header `Authorization: Bearer`. Sending something again is safe:"
    " each interaction is taken once. Unknown fields are named in the reply and ignored."
)
WAIT = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
WHO = {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}}}
PROBLEMS: Mapping[str, tuple[str, Mapping[str, object]]] = {
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


def _of(model: type[BaseModel]) -> dict[str, object]:
    return {"$ref": f"{SCHEMAS}{model.__name__}"}


def _json(schema: Mapping[str, object], **more: object) -> dict[str, object]:
    return {"application/json": {"schema": schema, **more}}


def _responses(words: str, model: type[BaseModel]) -> dict[str, object]:
    told: dict[str, object] = {"200": {"description": words, "content": _json(_of(model))}}
    for status, (description, headers) in PROBLEMS.items():
        told[status] = {"description": description, "content": _json(_of(Problem))}
        if headers:
            told[status] = {"description": description, "headers": headers, "content": _json(_of(Problem))}
    return told


def _post(
    name: str, summary: str, words: str, body: Mapping[str, object], reply: type[BaseModel], does: str
) -> dict[str, object]:
    return {
        "post": {
            "operationId": name,
            "summary": summary,
            "description": words,
            "security": [{"key": []}],
            "requestBody": {"required": True, "content": body},
            "responses": _responses(does, reply),
        }
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
        "/api/v1/openapi.json": ITSELF,
    },
    "components": {
        "schemas": _schemas([Interaction, Answer, Problem, Bounce, Noted]),
        "securitySchemes": {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "A key made by an administrator on the page /keys, or by `flask keys add`.",
            }
        },
    },
}
