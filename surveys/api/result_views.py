"""The addresses of the API that tell what was concluded, and the one that calls a fix a success."""

from datetime import UTC, datetime
from typing import TypeVar

from flask import Response
from flask.typing import ResponseReturnValue
from pydantic import BaseModel

from pulse import db
from pulse.people.models import Scope
from pulse.verdicts import success as verdicts
from surveys.api import errors, reading, telling
from surveys.api.door import caller, for_key
from surveys.api.results import AskedCells, AskedFixes, AskedFlags, Confirmation, Succeeded
from surveys.api.schemas import Fault
from surveys.api.views import bp

__all__ = ["bp"]

Model = TypeVar("Model", bound=BaseModel)


class WrongQuery(Exception):
    """Something after the question mark means nothing; its arguments are the faults."""


@bp.get("/api/v1/fixes")
@for_key(Scope.RESULTS)
def fixes() -> ResponseReturnValue:
    """Fixes with their newest verdict."""
    asked = _asked(AskedFixes)
    with db.reading() as session:
        return _sent(telling.fixes(session, asked))


@bp.get("/api/v1/fixes/<code>")
@for_key(Scope.RESULTS)
def fix(code: str) -> ResponseReturnValue:
    """One fix with the verdict of each month."""
    with db.reading() as session:
        found = telling.fix(session, code)
    if found is None:
        raise errors.no_such_fix()
    return _sent(found)


@bp.post("/api/v1/fixes/<code>/success")
@for_key(Scope.FIXES)
def success(code: str) -> ResponseReturnValue:
    """Call a fix a success, unless something stands against it."""
    read, now = reading.confirmation(reading.body()), datetime.now(UTC)
    if not isinstance(read, Confirmation):
        return errors.answer(errors.not_valid("confirmation"), faults=list(read))
    with db.writing() as session:
        found = telling.of_code(session, code)
        if found is None:
            raise errors.no_such_fix()
        try:
            verdicts.mark(session, found, by=caller(), now=now, confirmed=read.confirmed)
        except verdicts.HasOpenFlag as refused:
            return errors.answer(errors.open_flag(), flag=refused.flag.id)
        except verdicts.VerdictAgainst:
            raise errors.verdict_against() from None
        except verdicts.NotConfirmed:
            raise errors.not_confirmed() from None
        assert found.success_on is not None  # mark() has set it
        return _sent(Succeeded(fix=found.code, success_on=found.success_on))


@bp.get("/api/v1/flags")
@for_key(Scope.RESULTS)
def flags() -> ResponseReturnValue:
    """Flags and how far they have come."""
    asked = _asked(AskedFlags)
    with db.reading() as session:
        return _sent(telling.flags(session, asked))


@bp.get("/api/v1/cells")
@for_key(Scope.RESULTS)
def cells() -> ResponseReturnValue:
    """Figures that may be shown."""
    asked = _asked(AskedCells)
    with db.reading() as session:
        return _sent(telling.cells(session, asked))


def _asked(model: type[Model]) -> Model:
    read = reading.query(model)
    if isinstance(read, BaseModel):
        return read
    raise WrongQuery(*read)


def _sent(told: BaseModel) -> Response:
    return Response(told.model_dump_json(exclude_none=True), mimetype="application/json")


@bp.errorhandler(WrongQuery)
def wrong_query(error: WrongQuery) -> ResponseReturnValue:
    """Say of each name what should stand there."""
    faults: list[Fault] = list(error.args)
    return errors.answer(errors.wrong_query(), faults=faults)
