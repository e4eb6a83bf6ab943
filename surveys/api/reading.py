"""What a request brings, read with bounds: its size, its depth, its type, and each field by its rule."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from surveys.api import errors
from surveys.api.results import QUERY_RULES, UNKNOWN_NAME, Confirmation
from surveys.api.schemas import RULES, Bounce, Fault, Interaction

LARGEST = errors.MEGABYTES * 1024 * 1024  # bytes of a body
MARK = b"\xef\xbb\xbf"  # some programs begin UTF-8 with it
WHERE = re.compile(r" at line \d+ column \d+\Z")
MOST_NAMES, LONGEST_NAME = 20, 60

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Told:
    """One interaction of a request: as it was understood, or what is wrong with it and what names it."""

    interaction: Interaction | None
    faults: Sequence[Fault] = ()
    code: str | None = None


@dataclass(frozen=True)
class Sent:
    """What a request brought: its interactions in their order, and names of fields that mean nothing.

    several -- whether they came in an array
    """

    told: Sequence[Told]
    ignored: Sequence[str]
    several: bool


def body() -> object:
    """The JSON that was sent; raises errors.Refusal for what is too large, or is none."""
    request.max_content_length = LARGEST + 1  # what comes in chunks is cut off there without a word
    if request.mimetype != "application/json":
        raise errors.wrong_type()
    raw = request.get_data(cache=False)
    if len(raw) > LARGEST:
        raise errors.too_large()
    try:
        # It stops at 200 levels, where Python's own would be at the end of its stack.
        return from_json(raw.removeprefix(MARK), allow_inf_nan=False)
    except ValueError as error:
        found = WHERE.search(str(error))
        raise errors.not_json(found[0] if found else "") from None


def interactions(value: object) -> Sent:
    """The interactions in what was sent: one object, or up to 1,000 in an array. Raises errors.Refusal."""
    items = value if isinstance(value, list) else [value]
    if not items or (items == [value] and not isinstance(value, dict)):
        raise errors.not_items("an interaction, or an array of at least one")
    if len(items) > errors.MANY:
        raise errors.too_many()
    told = [_told(item) for item in items]
    return Sent(told, _ignored(items), isinstance(value, list))


def _told(item: object) -> Told:
    read, faults = _read(Interaction, item)
    if read is not None:
        return Told(read, code=read.interaction)
    code = item.get("interaction") if isinstance(item, dict) else None
    named = isinstance(code, str) and not any(fault.field == "interaction" for fault in faults)
    return Told(None, faults, str(code).strip(" ") if named else None)


def _ignored(items: Sequence[object]) -> list[str]:
    """Names of fields we know nothing of: some of them, shortened."""
    names: set[str] = set()
    for item in items:
        if isinstance(item, dict):
            names |= item.keys() - Interaction.model_fields.keys()
    return [name[:LONGEST_NAME] for name in sorted(names)[:MOST_NAMES]]


def query(model: type[Model]) -> Model | Sequence[Fault]:
    """What stands after the question mark, or what is wrong with it: each name once, and none unknown."""
    asked = {name: values[0] if len(values) == 1 else values for name, values in request.args.lists()}
    try:
        return model.model_validate(asked)
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors(include_input=False, include_url=False)}
    known = [Fault(field=name, message=QUERY_RULES[name]) for name in model.model_fields if name in wrong]
    strange = sorted(wrong - model.model_fields.keys())[:MOST_NAMES]
    return known + [Fault(field=name[:LONGEST_NAME], message=UNKNOWN_NAME) for name in strange]


def confirmation(value: object) -> Confirmation | Sequence[Fault]:
    """What was said to call a fix a success, or what is wrong with it."""
    if not isinstance(value, dict):
        raise errors.not_items("an object")
    try:
        return Confirmation.model_validate(value)
    except ValidationError:
        return [Fault(field="confirmed", message=QUERY_RULES["confirmed"])]


def bounce(value: object) -> Bounce | Sequence[Fault]:
    """The bounce in what was sent, or what is wrong with it; raises errors.Refusal for what is no object."""
    if not isinstance(value, dict):
        raise errors.not_items("an object")
    read, faults = _read(Bounce, value)
    if read is None:
        return faults
    if read.message_id is None and read.recipient is None:
        return [Fault(field="recipient", message="Write a recipient or a message_id.")]
    return read


def _read(model: type[Model], item: object) -> tuple[Model | None, Sequence[Fault]]:
    """What an object says, or what is wrong with it, a fault a field: never what was written there."""
    if not isinstance(item, dict):
        return None, [Fault(field="", message="Write an object here, with names and values in braces.")]
    try:
        return model.model_validate(item), ()
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors(include_input=False, include_url=False)}
    return None, [Fault(field=name, message=RULES[name]) for name in model.model_fields if name in wrong]
