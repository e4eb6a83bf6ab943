"""Where the strings are said: a company with everything that a page can show, and somebody of each kind."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from benchmarks.serving import SECRET
from config import settings
from pulse import db
from pulse.months import month_of
from pulse.organisation.models import Fix, Touchpoint
from pulse.outbox.models import Message, MessageState
from pulse.outbox.secrets import MARK, secret
from pulse.people import api_keys, links, login, personal_links
from pulse.people import service as people
from pulse.people.models import AnswersBy, Grant, Identity, Person, Scope, SecondFactor
from pulse.verdicts.models import CounterfactualMonth, Flag, FlagEvent, FlagState, Verdict
from pulse.webhooks import service as webhooks
from pulse.webhooks.events import Event
from pulse.webhooks.models import Delivery, DeliveryState
from surveys.ballots import keys
from surveys.imports.known import known
from surveys.imports.load import load, read
from surveys.imports.refusals import Refused
from surveys.invitations import contacts, open_links, service
from surveys.responses.models import ContactWish, Door, Response
from surveys.waves import reminders
from surveys.waves.models import Wave, WaveState
from surveys.waves.service import open_due
from tests.pulse.dashboards.line import ADMIN, COUNCIL, MANAGER, tell_line
from tests.pulse.dashboards.told import ANALYST, EMPLOYEE

ROLES = {"customer": None, "employee": EMPLOYEE, "manager": MANAGER, "council": COUNCIL}
ROLES |= {"analyst": ANALYST, "admin": ADMIN}
GRANTS = {
    MANAGER: {Grant.MANAGER},
    COUNCIL: {Grant.COUNCIL},
    ANALYST: {Grant.ANALYST},
    ADMIN: {Grant.ADMIN, Grant.ANALYST},
}
IRRITANTS = "irritant label label_fr customer_question customer_question_fr employee_question" + (
    " employee_question_fr touchpoints"
)
FEW = 20  # strings that are names while forms are sent
SHOWN = 120  # fixes of hostile names with verdicts and flags
LINKS = 60  # invitations, and answers that ask for something else, of each string
ALIKE = 3  # answers of one wording, so that it is proposed as an irritant
ANSWERS = "month,touchpoint,irritant,score,count\n2023-01,station,refunds,5,3\n"


Files = Callable[[Sequence[str]], dict[str, list[list[str]]]]


@dataclass(frozen=True)
class Stage:
    """Where to begin: paths that nothing links to, and a key of the API."""

    paths: Sequence[str]
    key: str


def staged(hostile: Sequence[str], now: datetime) -> Stage:
    """Tell the company, with a few of the strings in it, so that its pages are light while forms are sent."""
    with db.writing() as session:
        tell_line(session)
        people.grant(session, people.add(session, ADMIN), Grant.ANALYST)
    named(hostile[:FEW])
    with db.writing() as session:
        _answers(session, hostile, now)
        _stuck(session, hostile, now)
        for email in (EMPLOYEE, "kim@example.org"):
            person = people.add(session, email, name=hostile[0][:60])
            people.join(session, person, people.team(session, "counter"), since=date(2024, 1, 1))
        people.person(session, "kim@example.org").answers_by = AnswersBy.CODE  # type: ignore[union-attr]
        _belonging(session, hostile, now)
        _open_wave(session, now)
        key = api_keys.make(session, hostile[0][:60], list(Scope), expires=None, secret_key=SECRET, now=now)
        return Stage(_paths(session, now, 3 * len(hostile)), key.text)


def named(hostile: Sequence[str], mark: str = "") -> tuple[int, int]:
    """Let the importer take the strings as names and as codes; how many it took as either.

    mark -- within the codes of what is named: what was changed on screen since, a file may not change back
    """
    marked = partial(as_names, mark=mark)
    names = _loaded([text for text in hostile if _is_taken(marked([text]))], marked)
    codes = _loaded([text for text in hostile if _is_taken(_coded([text]))], _coded)
    with db.writing() as session:
        _judge(session)
    return names, codes


def as_names(texts: Sequence[str], mark: str = "") -> dict[str, list[list[str]]]:
    """Files with these texts in every name and wording."""
    return {
        "teams": [
            ["team", "name", "name_fr"],
            *([f"t{mark}{n}", text, text] for n, text in enumerate(texts)),
        ],
        "touchpoints": [
            ["touchpoint", "name", "name_fr", "team"],
            *([f"p{mark}{n}", text, text, "counter"] for n, text in enumerate(texts[:SHOWN])),
        ],
        "irritants": [
            [*IRRITANTS.split()],
            *([f"i{mark}{n}", *[text] * 6, f"p{mark}{n % SHOWN}"] for n, text in enumerate(texts)),
        ],
        "fixes": [
            ["fix", "name", "name_fr", "irritant", "started", "touchpoints", "teams", "owner"],
            *(
                [f"f{mark}{n}", text, text, "refunds", "2024-06", "station", "counter", text]
                for n, text in enumerate(texts)
            ),
        ],
        "breaks": [["side", "month", "note"], *(["customer", "2023-02", text] for text in texts[:1])],
    }


def _coded(texts: Sequence[str]) -> dict[str, list[list[str]]]:
    """Files with these texts as codes."""
    return {
        "teams": [["team", "name"], *([text, "Somebody"] for text in texts)],
        "touchpoints": [
            ["touchpoint", "name", "team"],
            *([f"@{text}", "Somewhere", "counter"] for text in texts),
        ],
        "irritants": [["irritant", "label"], *([text, "Something"] for text in texts)],
        "fixes": [
            ["fix", "name", "irritant", "started", "touchpoints", "teams"],
            *([text, "A fix", "late", "2024-06", "station", "counter"] for text in texts),
        ],
    }


def _written(folder: Path, files: dict[str, list[list[str]]]) -> Path:
    for name, rows in files.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    (folder / "customer_answers.csv").write_text(ANSWERS)
    return folder


def _is_taken(files: dict[str, list[list[str]]]) -> bool:
    """Whether a folder would be loaded."""
    with TemporaryDirectory() as folder, db.reading() as session:
        try:
            read(_written(Path(folder), files), known(session))
        except Refused:
            return False
    return True


def _loaded(texts: list[str], files: Files) -> int:
    """Load what is taken, all at once; where two texts clash in one folder, one by one. How many were."""
    if not _load(files(texts)):
        return sum(_load(files([text])) for text in texts)
    return len(texts)


def _load(files: dict[str, list[list[str]]]) -> bool:
    with TemporaryDirectory() as folder:
        try:
            with db.writing() as session:
                load(session, _written(Path(folder), files))
        except Refused:
            return False
    return True


def _judge(session: Session) -> None:
    """Give fixes of hostile names the verdicts, expectations and flags of a told one."""
    told = session.scalars(select(Fix).where(Fix.code == "refund-48h")).one()
    fixes = session.scalars(select(Fix).where(Fix.code.notin_(("later",))).order_by(Fix.id)).all()
    judged = set(session.scalars(select(Verdict.fix_id).distinct()))
    templates = session.scalars(
        select(Verdict).where(Verdict.fix_id == told.id).order_by(Verdict.as_of.desc()).limit(2)
    ).all()
    expected = session.scalars(select(CounterfactualMonth).where(CounterfactualMonth.fix_id == told.id)).all()
    fresh = [fix for fix in fixes if fix.id not in judged]
    for fix in dict.fromkeys([*fresh[: SHOWN // 2], *fresh[-SHOWN // 2 :]]):
        verdicts = [Verdict(**_row(one) | {"fix_id": fix.id}) for one in templates]
        session.add_all(verdicts)
        session.execute(insert(CounterfactualMonth), [_row(one) | {"fix_id": fix.id} for one in expected])
        session.flush()
        flag = Flag(fix_id=fix.id, outcome=verdicts[0].outcome, raised_on=verdicts[0].as_of)
        flag.verdict_id, flag.state, flag.owner = verdicts[0].id, FlagState.OPEN, fix.owner
        session.add(flag)
        session.flush()
        event = FlagEvent(flag_id=flag.id, at=verdicts[0].concluded_at, by=None, comment=fix.name_en)
        event.state = FlagState.OPEN
        session.add(event)


def _row(one: object) -> dict[str, object]:
    columns = one.__table__.columns  # type: ignore[attr-defined]
    return {column.name: getattr(one, column.name) for column in columns if column.name != "id"}


def _answers(session: Session, hostile: Sequence[str], now: datetime) -> None:
    """Answers that name something else, and wishes to be contacted, in the strings' words."""
    station = session.scalars(select(Touchpoint).where(Touchpoint.code == "station")).one()
    for number, text in enumerate(hostile):
        for again in range(ALIKE):
            response = Response(
                door=Door.OPEN,
                once=f"staged {number} {again}",
                touchpoint_id=station.id,
                month=month_of(now.date()),
                answered_at=now - timedelta(minutes=number),
                language="en",
                comment=kept(text),
                other=kept(text)[:200],
                other_score=750,
                digest="",
                erasure=f"staged {number} {again}",
            )
            session.add(response)
            if again == 0 and number < SHOWN:
                session.flush()
                session.add(
                    ContactWish(response_id=response.id, contact="a@example.org", name=kept(text)[:200])
                )


def kept(text: str) -> str:
    """What is left of a text where it is stored."""
    return text.replace("\0", "").strip()


def _paths(session: Session, now: datetime, uses: int) -> list[str]:
    """Links of the kinds that are mailed or printed, each with what it needs; so many that are used up."""
    touchpoints = session.scalars(select(Touchpoint).order_by(Touchpoint.id)).all()
    found = []
    for number in range(max(LINKS, uses)):
        where = touchpoints[number % len(touchpoints)]
        token = service.invite(
            session, where.code, interaction=f"staged-{number}", happened_on=now.date(), now=now
        )
        found.append(f"/r/{token}")
        found.append(f"/stop/{contacts.stop_token(SECRET, [f'{number:064d}'])}")
    for where in (*touchpoints[:3], *touchpoints[-3:]):
        found.append(f"/o/{open_links.make(session, where, key=SECRET)}")
    people_there = session.scalars(select(Person).order_by(Person.id)).all()
    found += [f"/reminders/{reminders.token(SECRET, person.id)}" for person in people_there]
    found += [
        f"/weekly-news/{personal_links.token(SECRET, personal_links.WEEKLY_NEWS, person.id)}"
        for person in people_there
    ]
    for person in people_there:
        links.ask(session, person.email, "", now, key=SECRET, site_url="")
    texts = session.scalars(select(Message.text).where(Message.key.startswith("sign-in:")))
    found += [f"/sign-in/{secret(SECRET, mark[1])}" for text in texts if (mark := MARK.search(text))]
    return found


def _stuck(session: Session, hostile: Sequence[str], now: datetime) -> None:
    """Messages whose sending failed, and some of which nobody knows whether they went."""
    for number, text in enumerate(hostile):
        words = kept(text)
        session.add(
            Message(
                key=f"interaction:staged-{number}",
                mailing="interaction",
                channel="email",
                recipient=f"{''.join(words.split())}@example.org",
                subject=" ".join(words.split()),
                text=words,
                urgent=False,
                state=(MessageState.FAILED, MessageState.IN_DOUBT)[number % 2],
                attempts=1,
                queued_at=now,
                due_at=now,
                claimed_at=now,
                error=words,
            )
        )


def _belonging(session: Session, hostile: Sequence[str], now: datetime) -> None:
    """What only some have: a webhook that failed, a second factor, a link to a sign-in service."""
    words = " ".join(hostile[0].split())[:60]
    made = webhooks.make(
        session, "Tickets", "https://tickets.invalid/", list(Event), inwards=(), key=SECRET, now=now
    )
    delivery = Delivery(
        id="staged", webhook_id=made.webhook_id, key="staged", event=words, body=words, attempts=9
    )
    delivery.state, delivery.queued_at, delivery.due_at, delivery.error = (
        DeliveryState.FAILED,
        now,
        now,
        words,
    )
    session.add(delivery)
    for email in ("kim@example.org", COUNCIL):
        person = people.person(session, email)
        assert person is not None
        session.add(SecondFactor(person_id=person.id, sealed="staged", confirmed_on=now.date()))
        session.add(
            Identity(issuer=words, subject=f"{words} {email}", person_id=person.id, linked_on=now.date())
        )


def _open_wave(session: Session, now: datetime) -> None:
    """Open this month's wave with its keys, whichever day it is."""
    wave = Wave(month=month_of(now.date()), threshold=5, state=WaveState.PLANNED)
    wave.opens_at, wave.closes_at = now - timedelta(hours=1), now + timedelta(days=20)
    session.add(wave)
    session.flush()
    opened = open_due(session, now, zone=settings().zone, k=5)
    assert opened is not None
    keys.assign(session, opened)


class Browsers:
    """Somebody of each kind at a browser; whatever a form has done to them, they can go on."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._clients = {role: app.test_client() for role, email in ROLES.items() if email}

    def of(self, role: str) -> FlaskClient:
        """The browser of a role, signed in where the role does; a customer's is a new one each time."""
        email = ROLES[role]
        if email is None:
            return self._app.test_client()
        client = self._clients[role]
        with client.session_transaction(base_url=settings().site_url) as cookie:
            cookie["_user_id"], cookie["_fresh"] = self._key(email), True
        return client

    @staticmethod
    def _key(email: str) -> str:
        with db.reading() as session:
            person = session.scalars(select(Person).where(Person.email == email)).one()
            if person.disabled_at is None and person.left_on is None and _granted(person, email):
                return login.key_of(person)
        with db.writing() as session:
            person = session.scalars(select(Person).where(Person.email == email)).one()
            person.disabled_at = person.left_on = None
            _grant(session, person, email)
            return login.key_of(person)


def _granted(person: Person, email: str) -> bool:
    return GRANTS.get(email, set()) <= {held.grant for held in person.grants}


def _grant(session: Session, person: Person, email: str) -> None:
    for grant in GRANTS.get(email, set()):
        team = people.team(session, "counter") if grant is Grant.MANAGER else None
        people.grant(session, person, grant, team=team)


def due(app: Flask) -> Iterator[str]:
    """Run every job once, as the clock would; what went wrong."""
    for job in app.extensions["pulse.jobs"]:
        if job.name == "make keys":  # which takes its time and shows nothing
            continue
        try:
            job.work(datetime.now(UTC))
        except Exception as error:  # the benchmark counts what goes wrong
            yield f"the job {job.name}: {type(error).__name__}: {error}"
