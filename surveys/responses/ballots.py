"""Where ballots are drawn (signed in, on the site) and cast (nobody signed in, on the ballot host)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, make_response, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import validate_csrf
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import ValidationError

from config import settings
from pulse import db, troubles
from pulse.i18n import language
from pulse.months import parsed, written
from pulse.organisation.models import Measure, Team
from pulse.people import login
from pulse.troubles import keeps_what_was_sent
from pulse.web import for_grant, open_to_all, render
from surveys.ballots import blind, issuing, keys
from surveys.ballots.urn import Outcome, cast, urn
from surveys.questions.kind import Kind, NotAnAnswer
from surveys.questions.kinds import KINDS
from surveys.responses.answers import FIELD
from surveys.responses.forms import LONGEST, tidy
from surveys.waves.models import Wave, WaveQuestion
from surveys.waves.service import taking_ballots

bp = Blueprint("ballots", __name__)

LARGEST = 32 * 1024  # bytes: 2,000 characters of a comment, each up to 12 bytes long in a form
A_PAGE = 100  # units on one page of the public list
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
STATUS = {
    "counted": 200,
    "already": 200,
    "cookie": 403,
    "altered": 409,
    "closed": 410,
    "invalid": 422,
    "away": 503,
}


class NotCast(Exception):
    """A ballot is not taken: closed, invalid or cookie."""


@dataclass(frozen=True)
class Filled:
    """A ballot with its answers, as it arrives: choices by codes of measures, and a comment."""

    ballot: issuing.Ballot
    chosen: Mapping[str, str] = field(repr=False)
    comment: str = field(repr=False)


@bp.post("/pulse/ballot")
@for_grant()
def draw() -> ResponseReturnValue:
    """Sign a blinded message for somebody who has drawn no ballot of this wave yet."""
    visit, now = login.here(), datetime.now(UTC)
    assert visit is not None  # the door lets nobody else in
    try:
        month, blinded = _request()
        with db.writing() as session:
            key = issuing.admit(session, visit.person_id, month, blinded, now, zone=settings().zone)
    except issuing.NoBallot as refused:
        return {"error": refused.error, "message": str(refused.words)}, refused.status
    # Outside the transaction: nobody waits for the nine milliseconds this takes.
    return {"signature": issuing.encoded(blind.blind_sign(key, blinded))}


def _request() -> tuple[str, bytes]:
    try:
        validate_csrf(request.headers.get("X-CSRFToken"))
    except ValidationError:
        raise issuing.NotUnderstood from None
    sent = request.get_json(force=True, silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("wave"), str):
        raise issuing.NotUnderstood
    return sent["wave"], issuing.decoded(sent.get("blinded"))


@bp.post("/b")
@open_to_all
@keeps_what_was_sent
def cast_ballot() -> ResponseReturnValue:
    """Put a ballot into the urn: no cookie, no session, no log, and the same few answers to everybody."""
    by_script = request.mimetype not in FORMS
    try:
        refuse_ties()
        status = _cast(_by_script() if by_script else _by_form(), datetime.now(UTC)).value
    except NotCast as refused:
        status = str(refused)
    except RequestEntityTooLarge:
        status = "invalid"
    except troubles.TROUBLE as trouble:
        if not (by_script and troubles.is_away(trouble)):
            raise
        troubles.log(trouble)  # the browser keeps the ballot, and sends it again by itself
        status = "away"
    return _answered(status) if by_script else render(outcome=status, status=STATUS[status])


def refuse_ties() -> None:
    """Refuse what could tie a ballot to a person: a cookie, or the host name on which one would travel."""
    host, ballots = (urlsplit(url).hostname for url in (settings().site_url, settings().ballot_url))
    try:
        here = urlsplit(f"//{request.host}").hostname
    except ValueError:
        raise NotCast("invalid") from None
    if "Cookie" in request.headers or (host != ballots and here == host):
        raise NotCast("cookie")


def _by_script() -> Filled:
    request.max_content_length = LARGEST
    try:
        sent: Any = json.loads(request.get_data())
        words = [sent[name] for name in ("wave", "unit", "comment")]
        answers = dict(sent["answers"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise NotCast("invalid") from None
    return _filled(words, sent.get("nonce"), sent.get("signature"), answers)


def _by_form() -> Filled:
    request.max_content_length = request.max_form_memory_size = LARGEST
    form = request.form
    answers = {name.removeprefix(FIELD): form[name] for name in form if name.startswith(FIELD)}
    words = [form.get(name, "") for name in ("wave", "unit", "comment")]
    return _filled(words, form.get("nonce"), form.get("signature"), answers)


def _filled(words: list[Any], nonce: object, signature: object, answers: dict[Any, Any]) -> Filled:
    """Raises NotCast("invalid") for what no page of ours sends."""
    everything = [*words, *answers.keys(), *answers.values()]
    if not all(isinstance(word, str) and _is_text(word) for word in everything):
        raise NotCast("invalid")
    wave, unit, comment = words
    if len(tidy(comment)) > LONGEST:
        raise NotCast("invalid")
    try:
        ballot = issuing.Ballot(wave, unit, issuing.decoded(nonce), issuing.decoded(signature))
    except issuing.NotUnderstood:
        raise NotCast("invalid") from None
    return Filled(ballot, {code: choice for code, choice in answers.items() if choice}, tidy(comment))


def _is_text(word: str) -> bool:
    """Whether a database can keep it: JSON may hold halves of characters, which none can."""
    return "\0" not in word and not any("\ud800" <= letter <= "\udfff" for letter in word)


def _cast(sent: Filled, now: datetime) -> Outcome:
    with db.reading() as session:
        wave = _wave(session, sent.ballot.wave, now)
        if not issuing.genuine(session, wave, sent.ballot):
            raise NotCast("invalid")
        scores = scored(sent.chosen, asked(session, wave, sent.ballot.unit))
        month = wave.month
    with urn.writing() as box:
        return cast(box, month, sent.ballot.unit, scores, sent.comment, nonce=sent.ballot.nonce)


def _wave(session: Session, month: str, now: datetime) -> Wave:
    try:
        wave = taking_ballots(session, parsed(month), now)
    except ValueError:
        raise NotCast("invalid") from None
    if wave is None:
        raise NotCast("closed")
    return wave


def asked(session: Session, wave: Wave, unit: str) -> dict[str, Kind]:
    """What a unit, by its code, is asked about in a wave: codes of measures to kinds of questions."""
    rows = (
        select(Measure.code, WaveQuestion.kind)
        .join(WaveQuestion, WaveQuestion.measure_id == Measure.id)
        .join(Team, Team.id == WaveQuestion.unit_id)
        .where(WaveQuestion.wave_id == wave.id, Team.code == unit)
    )
    return {code: KINDS[kind] for code, kind in session.execute(rows)}


def scored(chosen: Mapping[str, str], kinds: Mapping[str, Kind]) -> dict[str, int]:
    """The scores of answers, in hundredths of a point, without those that have none.

    Raises NotCast("invalid") for an answer to what was not asked, or one that is not on offer: the ballot
    is then refused whole.
    """
    try:
        scores = {code: kinds[code].score(choice) for code, choice in chosen.items()}
    except (KeyError, NotAnAnswer):
        raise NotCast("invalid") from None
    return {code: score for code, score in scores.items() if score is not None}


def _answered(status: str) -> Response:
    reply = make_response({"status": status}, STATUS[status])
    reply.headers["Access-Control-Allow-Origin"] = settings().site_url
    reply.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if status == "away":
        reply.headers["Retry-After"] = str(troubles.RETRY)
    return reply


@bp.get("/ballots")
@open_to_all
def index() -> ResponseReturnValue:
    """The fingerprints of all waves, the newest first."""
    with db.reading() as session:
        months = [(month, keys.fingerprint(session, month)) for month in keys.months(session)]
        return render(months=months)


@bp.get("/ballots/<month>")
@open_to_all
def units(month: str) -> ResponseReturnValue:
    """Everything public of a wave: its fingerprint, and of each unit the people and the key's fingerprint."""
    wanted, after = request.args.get("q", "").strip(), max(0, request.args.get("after", 0, type=int))
    with db.reading() as session:
        when, root = _given_out(session, month)
        lines = keys.public(session, when)
        found = [line for line in lines if _is_found(line, wanted)]
        shown = found[after:][:A_PAGE]
        following = after + A_PAGE if len(found) > after + A_PAGE else None
        return render(month=when, root=root, total=len(lines), lines=shown, q=wanted, following=following)


def _is_found(line: keys.UnitLine, wanted: str) -> bool:
    return wanted.casefold() in f"{line.code}\n{line.names[language()]}".casefold()


@bp.get("/ballots/<month>.csv")
@open_to_all
def leaves(month: str) -> ResponseReturnValue:
    """The leaves of a wave's tree, in order: what its fingerprint can be computed from."""
    with db.reading() as session:
        when, _ = _given_out(session, month)
        rows = [
            f"{written(when)},{line.code},{line.people},{line.fingerprint}"
            for line in keys.public(session, when)
        ]
    reply = make_response("\n".join(["wave,unit,people,key", *rows, ""]))
    # The fingerprint is made of these lines, to the letter, so that a code in them cannot be kept from being
    # taken for a formula: a browser shows them, and hands them to no spreadsheet.
    reply.mimetype = "text/plain"
    return reply


def _given_out(session: Session, month: str) -> tuple[Any, str]:
    try:
        when = parsed(month)
    except ValueError:
        abort(404)
    root = keys.fingerprint(session, when)
    if root is None:
        abort(404)
    return when, root
