"""What the API answers where it does not do what was asked: the same few fields, whatever went wrong.

In English alone, like the names of the fields: it is read by programs and by those who write them. No
message quotes what was sent, so that whoever logs an answer logs nobody's address.
"""

from collections.abc import Mapping
from typing import Any

from flask import Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from surveys.api.schemas import Problem

RETRY_KEY, RETRY_DATABASE = 900, 10  # seconds
MANY = 1000
MEGABYTES = 2


class Refusal(Exception):
    """The request is not carried out: a status, a code for programs, and in words what is wrong and to do."""

    def __init__(
        self, status: int, error: str, message: str, advice: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status, self.error, self.message, self.advice = status, error, message, advice
        self.headers = dict(headers or {})


def no_key() -> Refusal:
    """Nobody can tell who asks."""
    return Refusal(
        401,
        "no_key",
        "The request bears no key.",
        "Send the header `Authorization: Bearer` with a key that an administrator makes on the page /keys.",
        {"WWW-Authenticate": 'Bearer realm="pulse"'},
    )


def wrong_key() -> Refusal:
    """Unknown, altered, expired and revoked keys are not told apart."""
    return Refusal(
        401,
        "wrong_key",
        "This key is unknown, has expired or was revoked.",
        "Check that it was copied whole. An administrator sees on the page /keys which keys work.",
        {"WWW-Authenticate": 'Bearer realm="pulse", error="invalid_token"'},
    )


def too_many_wrong() -> Refusal:
    """A wrong key again, after many."""
    return Refusal(
        429,
        "too_many_wrong_keys",
        "This key is unknown, has expired or was revoked, and many wrong ones were sent lately.",
        "Stop sending it until it was checked. A right key is taken at once.",
        {"Retry-After": str(RETRY_KEY)},
    )


def not_allowed() -> Refusal:
    """The key works, for something else."""
    return Refusal(
        403,
        "not_allowed",
        "This key may not be used for this.",
        "Ask an administrator for a key with the right use: they are listed on the page /keys.",
        {"WWW-Authenticate": 'Bearer realm="pulse", error="insufficient_scope"'},
    )


def not_json(where: str = "") -> Refusal:
    """The body cannot be read."""
    return Refusal(
        400,
        "not_json",
        f"The body is not JSON that can be read{where}.",
        "Send one JSON object in UTF-8, or an array of them, with every quotation mark escaped.",
    )


def wrong_type() -> Refusal:
    """The body says that it is something else."""
    return Refusal(
        415,
        "wrong_content_type",
        "The body is not marked as JSON.",
        "Send the header `Content-Type: application/json`.",
    )


def too_large() -> Refusal:
    """More bytes than one request may have."""
    return Refusal(
        413,
        "too_large",
        f"The body is larger than {MEGABYTES} MB.",
        "Send it in several requests: none of it was taken.",
    )


def too_many() -> Refusal:
    """More items than one request may have."""
    return Refusal(
        422,
        "too_many",
        f"There are more than {MANY} interactions in one request.",
        f"Send at most {MANY} at a time: none of these was taken.",
    )


def not_items(what: str) -> Refusal:
    """It is JSON, but nothing that could be meant here."""
    return Refusal(
        422, "not_understood", f"The body is not {what}.", "See /api/v1/openapi.json for its form."
    )


def not_valid(what: str) -> Refusal:
    """A single thing with something wrong in it."""
    return Refusal(
        422, "not_valid", f"The {what} was not taken: see faults.", "Correct it and send it again."
    )


def some_refused(number: int, of: int) -> Refusal:
    """Some of many have something wrong in them; the others were taken."""
    return Refusal(
        422,
        "some_refused",
        f"{number} of {of} interactions were refused, see results; the others were taken.",
        "Correct these and send them again. Sending the others again changes nothing.",
    )


def no_such_touchpoint() -> Refusal:
    """Nothing that was sent happened at a touchpoint there is."""
    return Refusal(
        404,
        "unknown_touchpoint",
        "There is no touchpoint of the code that was sent, so nothing was taken.",
        "Send the code of a touchpoint as it was loaded into Pulse.",
    )


def wrong_query() -> Refusal:
    """Something after the question mark means nothing."""
    return Refusal(
        422,
        "wrong_query",
        "Something after the question mark of the address is not understood, see faults.",
        "Correct it and ask again. See /api/v1/openapi.json for what may stand there.",
    )


def no_such_fix() -> Refusal:
    """A fix that nobody knows."""
    return Refusal(404, "unknown_fix", "There is no fix of this code.", "Send the code of a fix on record.")


def open_flag() -> Refusal:
    """A success beside an open flag."""
    return Refusal(
        409,
        "open_flag",
        "The fix bears a flag that is not closed, so it cannot be called a success.",
        "Find out what happened, act on it and close the flag with a reason: its page is /flags/ and its id.",
    )


def verdict_against() -> Refusal:
    """A success against the newest verdict."""
    return Refusal(
        409,
        "verdict_against",
        "By the newest verdict customers or staff are worse off, so the fix cannot be called a success.",
        "It becomes possible again once the answers say something else.",
    )


def not_confirmed() -> Refusal:
    """A success that the answers do not show."""
    return Refusal(
        409,
        "not_confirmed",
        "The newest verdict is not that the problem is removed.",
        'Send {"confirmed": true} where there are other reasons to call it a success.',
    )


def nobody() -> Refusal:
    """A bounce about nobody."""
    return Refusal(
        404,
        "unknown_message",
        "No mail of this id was sent in the last weeks, and the recipient is no address or number.",
        "Send the recipient as the mail server tells it.",
    )


def busy() -> Refusal:
    """The database does not answer."""
    return Refusal(
        503,
        "busy",
        "The database cannot be reached or is busy.",
        "Send the same request again in a while: what was taken before is not taken twice.",
        {"Retry-After": str(RETRY_DATABASE)},
    )


def of_http(error: HTTPException) -> Refusal:
    """What an error of the web in general says here."""
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        advice = f"Use one of: {allowed}."
        return Refusal(
            405, "wrong_method", "This address is not asked in this way.", advice, {"Allow": allowed}
        )
    if error.code == 404:
        advice = "See /api/v1/openapi.json for the addresses there are."
        return Refusal(404, "no_such_address", "There is nothing at this address.", advice)
    if error.code == 413:
        return too_large()
    if (error.code or 500) < 500:
        return not_json()
    advice = "Send the same request again later; if it stays so, tell the administrator of Pulse."
    return Refusal(500, "failed", "Something went wrong in Pulse.", advice)


def answer(refusal: Refusal, **more: Any) -> Response:
    """A refusal as it is sent; more -- further fields of schemas.Problem."""
    said = Problem(error=refusal.error, message=refusal.message, advice=refusal.advice, **more)
    body = said.model_dump_json(exclude_none=True)
    return Response(body, refusal.status, refusal.headers, mimetype="application/json")
