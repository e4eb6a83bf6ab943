"""Who may enter what, tried over the whole map of addresses, every kind of person, and other people's things.

A page, a team, a fix or a case that is not somebody's to see answers like an address that leads nowhere:
same status, same words, same headers. New addresses are covered by themselves; one with a part that is not
listed under VALUES fails until somebody says what may stand there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import permutations, product
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from benchmarks.canary import filled
from pulse import db
from pulse.organisation.models import Fix, Irritant, Touchpoint
from pulse.people import service
from pulse.people.models import ApiKey, Grant, PeopleFile, Person, PersonGrant
from pulse.verdicts.models import Flag, UnregisteredChange
from pulse.web import Door
from pulse.webhooks.models import Delivery, Webhook
from surveys.cases.models import Case, CaseState
from surveys.invitations import contacts, open_links
from surveys.invitations import service as invitations
from surveys.proposals.models import Proposal
from surveys.responses.models import Door as Entrance
from surveys.responses.models import Response
from surveys.starting import uploads
from surveys.waves import reminders
from tests.conftest import SECRET
from tests.pulse.dashboards.line import ADMIN, COUNCIL, MANAGER, OF_FEW, tell_line
from tests.pulse.dashboards.told import ANALYST, EMPLOYEE, PASSWORD
from tests.pulse.test_web import sign_in, without_tokens

OWNER = "otto@example.org"
OWNED = "live-displays"  # a fix without a flag, so that no flag is the owner's
ROLES = {
    "employee": (EMPLOYEE, frozenset[Grant]()),
    "manager": (MANAGER, frozenset({Grant.MANAGER})),
    "manager of few": (OF_FEW, frozenset({Grant.MANAGER})),
    "owner": (OWNER, frozenset({Grant.OWNER})),
    "council": (COUNCIL, frozenset({Grant.COUNCIL})),
    "analyst": (ANALYST, frozenset({Grant.ANALYST})),
    "admin": (ADMIN, frozenset({Grant.ADMIN})),
}
# Whose line or fix it is; whoever is admitted by a door and not listed here sees all there is behind it.
MINE: Mapping[tuple[str, str], frozenset[str]] = {
    ("manager", "team"): frozenset({"counter"}),
    ("manager of few", "team"): frozenset({"few"}),
    ("owner", "fix"): frozenset({OWNED}),
    ("owner", "flag"): frozenset(),
    ("owner", "case"): frozenset(),
}
# Tables that get a row for there to be something behind every door.
FILLED = (
    "api_key",
    "people_file",
    "person_grant",
    "proposal",
    "unregistered_change",
    "webhook",
    "webhook_delivery",
)
# What there is none of; elsewhere a number that is nobody's.
NOTHING = {"team": "nowhere", "fix": "nothing", "irritant": "nothing", "key": "nothing", "folder": "nothing1"}
NOBODYS = "2147483646"
# What stands in an address, by its beginning; others are not about things that belong to somebody.
VALUES = {
    "/people/file/": "file",
    "/people/": "person",
    "/keys/": "key",
    "/irritants/": "irritant",
    "/changes/": "change",
    "/webhooks/": "webhook",
    "/asking/": "touchpoint",
    "/doors/": "touchpoint",
    "/proposals/": "proposal",
    "/start/folder/": "folder",
    "/teams/": "team",
    "/fixes/": "fix",
    "/register/fix/": "fix",
    "/flags/": "flag",
    "/cases/": "case",
    "/heard/": "fix",
}
# Addresses that anybody may enter, without a session being read. A new one is a decision: write it down here.
OPEN = {
    "pulse.dashboards.plotly",
    "pulse.heard.atom",
    "pulse.heard.customers",
    "pulse.people.ended_there",
    "pulse.people.from_service",
    "pulse.people.second_factor",
    "pulse.people.set_up_now",
    "pulse.people.signed_out",
    "pulse.people.start",
    "pulse.people.sign_in",
    "pulse.people.link",
    "pulse.people.link_sent",
    "pulse.people.stop_news",
    "pulse.people.to_service",
    "surveys.api.bounced",
    "surveys.api.cells",
    "surveys.api.fix",
    "surveys.api.fixes",
    "surveys.api.flags",
    "surveys.api.interactions",
    "surveys.api.openapi",
    "surveys.api.success",
    "surveys.ballots.cast_ballot",
    "surveys.ballots.index",
    "surveys.ballots.leaves",
    "surveys.ballots.units",
    "surveys.codes.answers",
    "surveys.codes.code",
    "surveys.codes.thanks",
    "surveys.invitations.stop",
    "surveys.responses.customer_thanks",
    "surveys.responses.erase",
    "surveys.responses.erased",
    "surveys.responses.open_survey",
    "surveys.responses.open_thanks",
    "surveys.responses.seen",
    "surveys.responses.survey",
    "surveys.watching.figures",
    "surveys.watching.healthz",
    "surveys.watching.readyz",
    "surveys.waves.refuse",
}
# Addresses for everybody who has signed in.
EVERYBODY = {
    "pulse.heard.staff",
    "pulse.people.end_visits",
    "pulse.people.factor",
    "pulse.people.me",
    "pulse.people.new_password",
    "pulse.people.set_up_factor",
    "pulse.people.sign_out",
    "pulse.people.speak",
    "surveys.ballots.draw",
    "surveys.responses.confidential",
    "surveys.responses.draw_confidentially",
    "surveys.responses.pulse",
    "surveys.responses.thanks",
}
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
KEPT = ("Content-Type", "Content-Security-Policy", "Cache-Control", "Content-Disposition", "Location", "Vary")


@dataclass
class Company:
    """The application, a browser of each kind of person, and what there is of each kind of thing."""

    app: Flask
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    there: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture
def company(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    """The told company with somebody of each kind signed in, and at least one of each kind of thing."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with db.writing() as session:
        tell_line(session)
        owner = service.add(session, OWNER, language="en", password=PASSWORD)
        service.grant(session, owner, Grant.OWNER)
        session.scalars(select(Fix).where(Fix.code == OWNED)).one().owner = OWNER
        case = case_of(session)
        there = {
            "team": ["counter", "billing", "crew", "few", "rail"],
            "fix": list(session.scalars(select(Fix.code))),
            "flag": [str(flag) for flag in session.scalars(select(Flag.id))],
            "case": [str(case)],
        }
    filled(db.main, db.Base, FILLED)
    with db.writing() as session:
        session.execute(update(PeopleFile).values(counts={}))
        for place in session.scalars(select(Touchpoint)):
            open_links.make(session, place, key=SECRET)
    folder, _found = uploads.bring([("teams.csv", BytesIO(b"team\nwest\n"))])
    with db.reading() as session:
        there |= {
            "file": [str(one) for one in session.scalars(select(PeopleFile.id))],
            "person": [str(one) for one in session.scalars(select(Person.id))],
            "key": list(session.scalars(select(ApiKey.public))),
            "irritant": list(session.scalars(select(Irritant.code))),
            "change": [str(one) for one in session.scalars(select(UnregisteredChange.id))],
            "webhook": [str(one) for one in session.scalars(select(Webhook.id))],
            "touchpoint": [str(one) for one in session.scalars(select(Touchpoint.id))],
            "proposal": [str(one) for one in session.scalars(select(Proposal.id))],
            "folder": [folder],
        }
    assert all(there.values())
    found = Company(app, there=there)
    for role, (email, _) in ROLES.items():
        found.clients[role] = app.test_client()
        sign_in(found.clients[role], email)
    return found


def case_of(session: Session) -> int:
    """A customer's case that nobody owns yet."""
    now = datetime.now(UTC)
    station = session.scalars(select(Touchpoint)).one()
    response = Response(
        touchpoint_id=station.id,
        door=Entrance.OPEN,
        once="-",
        month=now.date().replace(day=1),
        answered_at=now,
        language="en",
        comment="",
        other="",
        digest="-",
        erasure="-",
    )
    session.add(response)
    session.flush()
    case = Case(
        response_id=response.id,
        contact="pat@example.com",
        name="",
        state=CaseState.OPEN,
        owner_id=None,
        due_on=now.date() + timedelta(days=7),
        opened_at=now,
        closed_at=None,
        reason=None,
        wants_news=False,
    )
    session.add(case)
    session.flush()
    return case.id


def rules(app: Flask) -> Iterator[tuple[Rule, str, Door]]:
    """Every rule with each method it takes and its door."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        door: Door = app.view_functions[rule.endpoint].door  # type: ignore[attr-defined]
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule, method, door


def kind_of(rule: Rule) -> str | None:
    """Which kind of thing an address is about."""
    return next((kind for start, kind in VALUES.items() if rule.rule.startswith(start)), None)


def address(rule: Rule, value: str) -> str:
    """The address of a rule with a value in its first place, and in others what fits."""
    path = re.sub(r"<int[^>]*>", lambda _: value if value.isdigit() else NOBODYS, rule.rule, count=1)
    path = re.sub(r"<int[^>]*>", NOBODYS, path)
    path = path.replace("poster-<tongue>", "poster-en")
    path = re.sub(r"<any\(([^,)]+)[^>]*>", r"\1", path).replace("<month>", "2025-12")
    return re.sub(r"<[^>]+>", value, path)


def told(response: TestResponse) -> tuple[int, str, dict[str, str | None]]:
    """What tells one answer from another."""
    return response.status_code, without_tokens(response.text), {h: response.headers.get(h) for h in KEPT}


def test_what_is_open_to_all_is_written_down(app):
    doors = {rule.endpoint: door for rule, _, door in rules(app)}

    assert {endpoint for endpoint, door in doors.items() if door.open} == OPEN
    assert {endpoint for endpoint, door in doors.items() if not door.open and not door.grants} == EVERYBODY


def test_the_works_council_reads_and_changes_nothing(app):
    assert [
        f"{method} {rule}"
        for rule, method, door in rules(app)
        if method != "GET" and Grant.COUNCIL in door.grants
    ] == []


def test_a_page_that_is_not_for_somebody_is_like_one_that_is_not_there(company):
    nowhere = {role: told(client.get("/nothing-here")) for role, client in company.clients.items()}
    tried = 0
    for (rule, method, door), role in product(list(rules(company.app)), ROLES):
        if door.open or not door.grants or ROLES[role][1] & door.grants:
            continue
        for value in company.there.get(kind_of(rule) or "", [])[:1] or [NOBODYS]:
            response = company.clients[role].open(address(rule, value), method=method)
            assert told(response) == nowhere[role], f"{role}: {method} {rule}"
            tried += 1
    assert tried > 200


def test_what_belongs_to_somebody_else_is_like_what_is_not_there(company):
    tried, strange = 0, []
    nowhere = {role: told(client.get("/nothing-here")) for role, client in company.clients.items()}
    for (rule, method, door), role in product(list(rules(company.app)), ROLES):
        kind = kind_of(rule)
        if kind is None or not ROLES[role][1] & door.grants or "<" not in rule.rule:
            continue
        client = company.clients[role]
        if told(client.open(address(rule, NOTHING.get(kind, NOBODYS)), method=method)) != nowhere[role]:
            strange.append(f"{role}: {method} {rule} of what there is none")
        owned = any((one, kind) in MINE for one in ROLES)  # else whoever may enter sees all: one is enough
        for value in company.there[kind] if owned else company.there[kind][:1]:
            if method != "GET" and value in MINE.get((role, kind), company.there[kind]):
                continue  # who may look may also send, and forms are tried where they belong
            response = client.open(address(rule, value), method=method)
            if value in MINE.get((role, kind), company.there[kind]):
                sound = response.status_code == 200
            else:
                sound = told(response) == nowhere[role]
            if not sound:
                strange.append(f"{role}: {method} {rule} of {value}: {response.status_code}")
            tried += 1
    assert strange == []
    assert tried > 100


def test_without_signing_in_every_page_leads_to_the_same_door(company):
    client = company.app.test_client()
    for rule, method, door in rules(company.app):
        if door.open:
            continue
        values = [*company.there.get(kind_of(rule) or "", [])[:1], NOBODYS]
        answers = [client.open(address(rule, value), method=method) for value in values]
        assert {response.status_code for response in answers} == {302}, f"{method} {rule}"
        assert all("/sign-in" in response.headers["Location"] for response in answers)


def test_a_part_of_one_thing_is_not_reached_through_another(company):
    """A grant at somebody else's address, or a delivery at another webhook's, is left as it is."""
    admin = company.clients["admin"]
    with db.reading() as session:
        grants = session.execute(select(PersonGrant.id, PersonGrant.person_id)).all()
        delivery = session.scalars(select(Delivery.id)).one()
    for grant, holder in grants:
        other = next(person for _grant, person in grants if person != holder)
        token = TOKEN.search(admin.get(f"/people/{other}").text)
        admin.post(f"/people/{other}/grants/{grant}", data={"csrf_token": token[1]})
    with db.reading() as session:
        assert session.execute(select(PersonGrant.id, PersonGrant.person_id)).all() == grants
    again = admin.post(f"/webhooks/{NOBODYS}/deliveries/{delivery}/again")
    assert told(again) == told(admin.get("/nothing-here"))


def test_a_link_of_one_kind_opens_no_door_of_another(company):
    """Links are held by whoever was sent them: at any other door they are like made-up ones."""
    now = datetime.now(UTC)
    with db.writing() as session:
        place = session.scalars(select(Touchpoint)).first()
        person = session.scalars(select(Person.id)).first()
        links = {
            "/r/": invitations.invite(session, place.code, interaction="i1", happened_on=now.date(), now=now),
            "/o/": open_links.make(session, place, key=SECRET),
            "/stop/": contacts.stop_token(SECRET, ["0" * 64]),
            "/reminders/": reminders.token(SECRET, person),
            "/sign-in/": "x" * 43,
            "/weekly-news/": "x" * 43,
            "/erase/": "x" * 43,
        }
    client = company.app.test_client()
    for door, kind in permutations(links, 2):
        made_up = "".join("z" if letter.isalnum() else letter for letter in links[kind])
        real, other = (client.get(door + text) for text in (links[kind], made_up))
        where = f"{door} with a link of {kind}"
        assert real.status_code == other.status_code, where
        assert without_tokens(real.text.replace(links[kind], made_up)) == without_tokens(other.text), where
