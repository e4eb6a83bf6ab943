"""What the API takes and gives, as pydantic models: they check it, and make up the OpenAPI document.

A field that is missing, null or "" is the same: tools that fill in templates send all three. Ids may come as
whole numbers. Spaces around a value do not matter.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.config import JsonDict

from surveys.invitations.models import Outcome

LONGEST_ID, LONGEST_NAME, LONGEST_ADDRESS, LONGEST_NUMBER, LONGEST_NAMED = 200, 100, 254, 40, 500
LARGEST = 10**18 - 1  # of an id that is a number
REFUSED = "refused"  # beside the outcomes there are
EARLIEST = "2000"  # what happened before is as old as what happened then: too old to be asked about

# Signs of Latin alphabets, written out so that every engine of regular expressions reads them alike.
SIGN = "[!-~¡-¬®-ɏ]"
WORDS = f"{SIGN}([ -~¡-¬®-ɏ]*{SIGN})?"
BETWEEN = "[ ./()\u00a0\u202f-]*"
LOCAL = "[!#-'*+./0-9=?A-Z^-~-]"

ID = f"^ *{WORDS} *$"
LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
EMAIL = f"^ *{LOCAL}+@{LOCAL}+ *$"
ABROAD = rf"(\+|00){BETWEEN}[1-9]({BETWEEN}[0-9]){{5,14}}"
AT_HOME = f"{BETWEEN}0?{BETWEEN}[1-9]({BETWEEN}[0-9]){{5,11}}"
PHONE = f"^ *({ABROAD}|{AT_HOME}) *$"

NOTHING: Sequence[Mapping[str, object]] = ({"type": "string", "maxLength": 0}, {"type": "null"})
NUMBER = {"type": "integer", "minimum": 0, "maximum": LARGEST}
CALLABLE = {"type": "integer", "minimum": 10**5, "maximum": 10**12 - 1}  # what PHONE takes of whole numbers


def _text(pattern: str, longest: int) -> JsonDict:
    return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": pattern}


def _matching(pattern: str, longest: int, *, numbers: bool = False) -> BeforeValidator:
    """Takes a text that matches (or a whole number), without the spaces around; raises ValueError."""
    right = re.compile(pattern.removesuffix("$") + r"\Z")

    def read(value: object) -> str:
        written = _spelled(value) if numbers else value
        if not isinstance(written, str):
            raise ValueError
        if len(written) > longest or not right.match(written):
            raise ValueError
        return written.strip(" ")

    return BeforeValidator(read)


def _if_any(reader: BeforeValidator) -> BeforeValidator:
    """The same, but None for nothing."""

    def read(value: object) -> object:
        nothing = value is None or (isinstance(value, str) and not value.strip(" "))
        return None if nothing else reader.func(value)  # type: ignore[call-arg]

    return BeforeValidator(read)


def _spelled(value: object) -> object:
    """The digits of a whole number; anything else as it is."""
    if isinstance(value, float) and value.is_integer():  # 12.0 is a whole number in JSON
        value = int(value)
    whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST
    return str(value) if whole else value


def _moment(value: object) -> datetime:
    """A point in time as it is written in ISO 8601 by whoever; raises ValueError for what is none."""
    if not isinstance(value, str):
        raise ValueError
    written = value.strip(" ").upper()
    if written[:4] < EARLIEST and written[4:5] == "-":
        written = EARLIEST + written[4:]
    return datetime.fromisoformat(re.sub(r"(:\d\d:)60", r"\g<1>59", written))  # a leap second


def _either(*forms: Mapping[str, object]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": list(forms)})


A_DATE: Sequence[Mapping[str, object]] = (
    {"type": "string", "format": "date-time"},
    {"type": "string", "format": "date"},
)
Id = Annotated[str, _matching(ID, LONGEST_ID, numbers=True), _either(_text(ID, LONGEST_ID), NUMBER)]
MaybeId = Annotated[
    str | None,
    _if_any(_matching(ID, LONGEST_ID, numbers=True)),
    _either(_text(ID, LONGEST_ID), NUMBER, *NOTHING),
]
Place = Annotated[str, _matching(LINE, LONGEST_ID, numbers=True), _either(_text(LINE, LONGEST_ID), NUMBER)]
Email = Annotated[
    str | None,
    _if_any(_matching(EMAIL, LONGEST_ADDRESS)),
    _either(_text(EMAIL, LONGEST_ADDRESS), *NOTHING),
]
Phone = Annotated[
    str | None,
    _if_any(_matching(PHONE, LONGEST_NUMBER, numbers=True)),
    _either(_text(PHONE, LONGEST_NUMBER), CALLABLE, *NOTHING),
]
Line = Annotated[
    str | None, _if_any(_matching(LINE, LONGEST_NAME)), _either(_text(LINE, LONGEST_NAME), *NOTHING)
]
Named = Annotated[
    str | None, _if_any(_matching(ID, LONGEST_NAMED)), _either(_text(ID, LONGEST_NAMED), *NOTHING)
]
Moment = Annotated[datetime | None, _if_any(BeforeValidator(_moment)), _either(*A_DATE, *NOTHING)]
Kind = Literal["bounce", "complaint"]
Became = Annotated[
    str, WithJsonSchema({"type": "string", "enum": [*(outcome.value for outcome in Outcome), REFUSED]})
]


class Interaction(BaseModel):
    """One contact with a customer, as the calling program tells it."""

    interaction: Id = Field(
        description="Your own id of this contact (a ticket, a call, a receipt). However often it is sent, it"
        " is taken once.",
        examples=["ticket-48213"],
    )
    touchpoint: Place = Field(
        description="Code of the touchpoint where it happened.", examples=["call-centre"]
    )
    happened_at: Moment = Field(
        None,
        description="When it happened, in ISO 8601; without a time zone by the organisation's clock. Default:"
        " now. What happened more than 30 days ago is not asked about.",
        examples=["2026-11-22T10:15:00Z"],
    )
    customer: MaybeId = Field(
        None,
        description="Your own id of the customer, by which nobody is asked too often. Only a digest is kept.",
        examples=["c-1007"],
    )
    email: Email = Field(
        None,
        description="Where the invitation goes. It is kept until the mail was sent, afterwards as a digest.",
        examples=["ana@example.org"],
    )
    phone: Phone = Field(
        None,
        description="The number for a text message, best with its country: +33 6 12 34 56 78.",
        examples=["+33 6 12 34 56 78"],
    )
    language: Line = Field(
        None,
        description="In which language to write: fr or en, or a locale or name that begins so. Default: the"
        " organisation's first.",
        examples=["fr"],
    )
    name: Line = Field(None, description="By which the mail addresses the customer.", examples=["Ana Lopes"])


RULES = {
    "interaction": "Write your id of the contact: 1 to 200 Latin letters, digits and signs on one line.",
    "touchpoint": "Write the code of a touchpoint, in 1 to 200 characters on one line.",
    "happened_at": "Write when it happened in ISO 8601, for example 2026-11-22T10:15:00Z, or leave it out.",
    "customer": "Write your id of the customer: 1 to 200 Latin letters, digits and signs on one line, or"
    " leave it out.",
    "email": "Write one e-mail address, such as name@example.org, or leave it out.",
    "phone": "Write one telephone number with its country, such as +33 6 12 34 56 78, or leave it out.",
    "language": "Write fr or en, or leave it out.",
    "name": "Write at most 100 characters on one line, or leave it out.",
    "message_id": "Write the Message-ID of the mail that came back, in one line, or leave it out.",
    "recipient": "Write the address or number the message went to, or leave it out.",
    "kind": "Write bounce for a mail that came back, complaint for one that was marked as unwanted.",
}


class Fault(BaseModel):
    """What is wrong with one field of what was sent, and what would be right."""

    field: str = Field(description="Name of the field; empty where the whole is meant.")
    message: str = Field(description="What to write instead.")


class Bounce(BaseModel):
    """A message that did not reach its customer, or that they marked as unwanted."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [name], "properties": {name: _text(ID, LONGEST_NAMED)}}
                for name in ("message_id", "recipient")
            ]
        }
    )

    message_id: Named = Field(
        None, description="Message-ID of the mail.", examples=["<42@pulse.example.org>"]
    )
    recipient: Named = Field(
        None, description="The address or number it went to.", examples=["ana@example.org"]
    )
    kind: Kind = Field(
        description="bounce: it came back for good. complaint: it was marked as unwanted, and this customer"
        " is never asked again."
    )


class Noted(BaseModel):
    """What was done about a bounce or a complaint."""

    noted: bool = Field(
        description="Whether it is heeded: not for mails to employees, who are asked all the same."
    )


class Result(BaseModel):
    """What became of one interaction."""

    interaction: str | None = Field(None, description="Your id of it; missing where it could not be read.")
    outcome: Became = Field(
        description="invited: the customer is asked. refused: it was not taken, see faults. Anything else:"
        " taken, and the customer is not asked, for this reason."
    )
    repeated: bool = Field(
        False, description="Whether this id had come before; the outcome is then that of the first time."
    )
    link: str | None = Field(
        None, description="Where the customer can answer, at touchpoints where you hand the link over."
    )
    position: int | None = Field(None, ge=0, description="Of a refused one: its place in what was sent.")
    faults: list[Fault] | None = Field(None, description="Of a refused one: what is wrong.")


class Answer(BaseModel):
    """What became of what was sent, in its order."""

    results: list[Result]
    counts: dict[str, int] = Field(description="How many there are of each outcome.")
    ignored: list[str] = Field(description="Names of fields that were sent and mean nothing here.")


class Problem(BaseModel):
    """Why the request was not carried out, or not wholly."""

    error: str = Field(description="What is wrong, as a code for programs.")
    message: str = Field(description="The same for people.")
    advice: str = Field(description="What to do about it.")
    faults: list[Fault] | None = Field(None, description="What is wrong with which field.")
    results: list[Result] | None = Field(
        None, description="What became of each interaction, where those that were not refused are taken."
    )
    counts: dict[str, int] | None = Field(None, description="How many there are of each outcome.")
    ignored: list[str] | None = Field(None, description="Names of fields that mean nothing here.")
    flag: int | None = Field(None, description="Id of the flag that stands against it.")
