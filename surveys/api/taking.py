"""Taking the interactions of a request: what became of each, and how the whole is answered."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from flask import Response
from sqlalchemy.orm import Session

from config import Settings
from surveys.api import errors
from surveys.api.reading import Sent, Told
from surveys.api.schemas import REFUSED, RULES, Answer, Fault, Interaction, Result
from surveys.invitations.interactions import Refused, Seen, Taken, take

# How the fields of an interaction are called here, where it is otherwise, and what else can be wrong.
NAMES = {"code": "interaction"}
UNKNOWN_TOUCHPOINT = Fault(field="touchpoint", message="There is no touchpoint of this code in Pulse.")
WORDS = RULES | {
    "code": "This begins like an id that Pulse uses itself: write another one.",
    "touchpoint": UNKNOWN_TOUCHPOINT.message,
    "happened_at": "This is yet to come: write when it happened, with its time zone.",
}


def taken(session: Session, sent: Sent, now: datetime, *, known: Settings) -> list[Result]:
    """Take what can be taken, each once; what became of everything, in the order sent."""
    sound = [_seen(told.interaction, now) for told in sent.told if told.interaction is not None]
    became = iter(take(session, sound, now, known=known) if sound else ())
    return [
        _refused(place, told) if told.interaction is None else _result(place, next(became))
        for place, told in enumerate(sent.told)
    ]


def _seen(told: Interaction, now: datetime) -> Seen:
    return Seen(
        code=told.interaction,
        touchpoint=told.touchpoint,
        happened_at=told.happened_at or now,
        customer=told.customer,
        email=told.email,
        phone=told.phone,
        language=told.language,
        name=told.name,
    )


def _refused(place: int, told: Told) -> Result:
    return Result(interaction=told.code, outcome=REFUSED, position=place, faults=list(told.faults))


def _result(place: int, became: Taken | Refused) -> Result:
    if isinstance(became, Refused):
        fault = Fault(field=NAMES.get(became.field, became.field), message=WORDS[became.field])
        return Result(interaction=became.code, outcome=REFUSED, position=place, faults=[fault])
    return Result(
        interaction=became.code,
        outcome=became.outcome.value,
        repeated=not became.new,
        link=became.link,
    )


def answer(sent: Sent, results: Sequence[Result]) -> Response:
    """The reply: 200 where everything was taken, else 422, or 404 where no touchpoint of it is known.

    A tool that looks at nothing but the status so learns that something is wrong. What could be taken is
    taken all the same, and may be sent again with the rest.
    """
    counts = dict(Counter(result.outcome for result in results))
    told = Answer(results=list(results), counts=counts, ignored=list(sent.ignored))
    refused = [result for result in results if result.faults is not None]
    if not refused:
        return Response(told.model_dump_json(exclude_none=True), mimetype="application/json")
    if len(refused) == len(results) and all(each.faults == [UNKNOWN_TOUCHPOINT] for each in refused):
        problem = errors.no_such_touchpoint()
    elif sent.several:
        problem = errors.some_refused(len(refused), len(results))
    else:
        problem = errors.not_valid("interaction")
    faults = None if sent.several else refused[0].faults
    return errors.answer(problem, faults=faults, **told.model_dump())
