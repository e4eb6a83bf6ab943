"""The addresses of the API: interactions and bounces in, and the document that says how."""

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolEmpty
from werkzeug.exceptions import HTTPException

from config import Settings, settings
from pulse import db, troubles
from pulse.cli import explained
from pulse.people.models import Scope
from pulse.web import open_to_all
from surveys.api import errors, reading, taking
from surveys.api.document import DOCUMENT
from surveys.api.door import for_key
from surveys.api.schemas import Bounce, Noted
from surveys.delivery import bounces

bp = Blueprint("api", __name__)
ROOT = "/api/"


@bp.post("/api/v1/interactions")
@for_key(Scope.INTERACTIONS)
def interactions() -> ResponseReturnValue:
    """Contacts with customers: each is taken once, and leads to an invitation or to a reason why not."""
    sent, now = reading.interactions(reading.body()), datetime.now(UTC)
    with db.writing() as session:
        results = taking.taken(session, sent, now, known=_known())
    return taking.answer(sent, results)


def _known() -> Settings:
    """The settings, with the key that this application signs by."""
    return settings().model_copy(update={"secret_key": SecretStr(current_app.config["SECRET_KEY"])})


@bp.post("/api/v1/bounces")
@for_key(Scope.BOUNCES)
def bounced() -> ResponseReturnValue:
    """A message that came back, or that its reader marked as unwanted."""
    read, now = reading.bounce(reading.body()), datetime.now(UTC)
    if not isinstance(read, Bounce):
        return errors.answer(errors.not_valid("bounce"), faults=list(read))
    try:
        with db.writing() as session:
            noted = bounces.note(
                session,
                message_id=read.message_id,
                recipient=read.recipient,
                kind=read.kind,
                now=now,
                known=_known(),
            )
    except bounces.NotKnown:
        raise errors.nobody() from None
    return Response(Noted(noted=noted).model_dump_json(), mimetype="application/json")


@bp.get("/api/v1/openapi.json")
@open_to_all
def openapi() -> ResponseReturnValue:
    """How to ask: the OpenAPI document, for people and programs."""
    return jsonify(DOCUMENT)


@bp.errorhandler(errors.Refusal)
def refused(refusal: errors.Refusal) -> ResponseReturnValue:
    """Say what is wrong, and what to do."""
    return errors.answer(refusal)


@bp.errorhandler(HTTPException)
def failed(error: HTTPException) -> ResponseReturnValue:
    """The same for what goes wrong in any view."""
    return errors.answer(errors.of_http(error))


@bp.errorhandler(DBAPIError)
@bp.errorhandler(PoolEmpty)
def unreachable(error: Exception) -> ResponseReturnValue:
    """Ask to be asked again: nothing was taken by halves."""
    if not troubles.is_away(error):
        raise error
    reason = explained(error) if isinstance(error, DBAPIError) else type(error).__name__
    current_app.logger.error("%s: %s", request.endpoint, reason)
    return errors.answer(errors.busy())


@bp.before_app_request
def nowhere() -> ResponseReturnValue | None:
    """Answer programs in their own way where they ask for what is not there: no view of ours would."""
    lost = request.routing_exception
    if request.path.startswith(ROOT) and isinstance(lost, HTTPException) and (lost.code or 0) >= 400:
        return errors.answer(errors.of_http(lost))
    return None
