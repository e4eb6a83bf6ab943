"""A small railway for the asking side: who works where, what annoys its customers, and what is being done."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count, cycle
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from pulse.db import Database
from pulse.organisation.models import Fix, Irritant, Serving, Supply, Team, Touchpoint
from pulse.people.models import Membership, Person
from surveys.ballots import keys
from surveys.ballots.blind import PrivateKey
from surveys.ballots.models import SpareKey
from surveys.invitations.models import Interaction, Invitation, Outcome, Way
from surveys.responses.models import Door, Held, Response, ResponseScore
from surveys.waves.models import Wave
from surveys.waves.service import open_due

PARIS = ZoneInfo("Europe/Paris")
MONTH = date(2026, 11, 1)
OPENS = datetime(2026, 11, 3, 9, tzinfo=UTC)  # the first Tuesday, 10:00 in Paris
OPEN = OPENS + timedelta(days=6)
NUMBERS = count()
OVER = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # half past midnight of 1 December in Paris
CLOSED = OVER + timedelta(days=1)  # nothing is cast any more, and what was is counted


def _keys() -> Iterator[bytes]:
    """Keys made ahead, as the clock makes them: the same few again and again, as making one takes time."""
    made: list[bytes] = []
    while len(made) < 8:
        made.append(PrivateKey.made().der)
        yield made[-1]
    yield from cycle(made)


KEYS = _keys()


class Railway:
    """Two stations and a desk under a head; irritants met at two touchpoints; one running fix."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.teams: dict[str, Team] = {}
        self.touchpoints: dict[str, Touchpoint] = {}
        self.irritants: dict[str, Irritant] = {}
        self.people: list[Person] = []

    def team(self, code: str, *, people: int = 0, parent: str | None = None) -> Team:
        """A team with so many people of its own."""
        team = Team(code=code, name_en=code.title(), name_fr=code.title())
        team.parent_id = self.teams[parent].id if parent else None
        team.headcount = team.opened = team.closed = team.split_from_id = team.merged_into_id = None
        self.session.add(team)
        self.session.flush()
        self.teams[code] = team
        for number in range(people):
            self.person(f"{code}{number}@example.org", code)
        return team

    def person(self, email: str, team: str, *, language: str = "en") -> Person:
        """Somebody who belongs to a team."""
        person = Person(email=email, name=email.partition("@")[0], language=language, grants=[])
        person.password_hash = person.disabled_at = None
        self.session.add(person)
        self.session.flush()
        self.session.add(
            Membership(person_id=person.id, team_id=self.teams[team].id, since=date(2020, 1, 1), until=None)
        )
        self.people.append(person)
        return person

    def touchpoint(self, code: str, *teams: str) -> Touchpoint:
        """A touchpoint served by these teams, who supply the final customer."""
        touchpoint = Touchpoint(code=code, name_en=code.title(), name_fr=f"Le {code}")
        self.session.add(touchpoint)
        self.session.flush()
        self.touchpoints[code] = touchpoint
        for team in teams:
            self.session.add(Serving(touchpoint_id=touchpoint.id, team_id=self.teams[team].id))
            self.supply(team, None)
        return touchpoint

    def supply(self, supplier: str, customer: str | None) -> None:
        """A link of the value chain."""
        to = self.teams[customer].id if customer else None
        self.session.add(Supply(supplier_id=self.teams[supplier].id, customer_id=to))
        self.session.flush()

    def irritant(self, code: str, *touchpoints: str) -> Irritant:
        """An irritant met at these touchpoints (none = everywhere)."""
        irritant = Irritant(
            code=code,
            label_en=code,
            label_fr=f"{code} (fr)",
            customer_question_en=f"How much did {code} bother you?",
            customer_question_fr=f"À quel point {code} vous a-t-il gêné\u202f?",
            employee_question_en=f"How much did {code} land on you?",
            employee_question_fr=f"À quel point {code} est-il retombé sur vous\u202f?",
            touchpoints=[self.touchpoints[code] for code in touchpoints],
        )
        self.session.add(irritant)
        self.session.flush()
        self.irritants[code] = irritant
        return irritant

    def fix(self, irritant: str, *, started: date) -> Fix:
        """A fix of an irritant, running since a day."""
        fix = Fix(code=f"fix-{irritant}", name_en="A fix", name_fr="Une action", started=started)
        fix.irritant_id = self.irritants[irritant].id
        fix.stopped = fix.owner = fix.expected_customer = fix.expected_staff = fix.frozen_on = None
        self.session.add(fix)
        self.session.flush()
        return fix


def built(session: Session) -> Railway:
    """The railway the pages and jobs are tried on: 12 people in the north, 14 in the south, 3 at the desk."""
    railway = Railway(session)
    railway.team("head", people=1)
    railway.team("north", people=12, parent="head")
    railway.team("south", people=14, parent="head")
    railway.team("desk", people=3, parent="head")
    railway.touchpoint("station", "north", "south")
    railway.touchpoint("phone", "desk")
    for code in ("delay", "heating", "noise", "queue", "seats", "toilets", "wifi"):
        railway.irritant(code, "station")
    railway.irritant("hold", "phone")
    railway.fix("queue", started=date(2026, 6, 1))
    return railway


def opened(session: Session, now: datetime = OPEN) -> Wave:
    """The wave of a moment's month, opened with its keys, as the clock does it."""
    wave = open_due(session, now, zone=PARIS, k=5)
    assert wave is not None
    wanted = keys.wanted(session, wave.month, now.astimezone(PARIS).date())
    session.add_all(SpareKey(private=next(KEYS)) for _ in range(wanted))
    keys.assign(session, wave)
    return wave


def responded(
    database: Database,
    railway: Railway,
    month: date,
    *,
    at: str = "station",
    door: Door = Door.INVITED,
    held: Held | None = None,
    **scores: int,
) -> None:
    """Store a customer's response of a month, as the answering page does: irritants to hundredths."""
    number, place = next(NUMBERS), railway.touchpoints[at].id
    then = datetime.combine(month, datetime.min.time(), UTC)
    with database.writing() as session:
        response = Response(touchpoint_id=place, month=month, comment="", other="", digest="")
        response.door, response.held = door, held
        response.answered_at, response.language, response.erasure = then, "en", f"e{number}"
        response.scores = [
            ResponseScore(measure_id=railway.irritants[c].id, score=s) for c, s in scores.items()
        ]
        if door is Door.OPEN:
            response.once = f"o{number}"
            session.add(response)
            return
        seen = Interaction(code=f"i{number}", touchpoint_id=place, happened_at=then, received_at=then)
        seen.contact_keys, seen.outcome = [], Outcome.INVITED
        session.add(seen)
        session.flush()
        invitation = Invitation(token_hash=f"t{number}", touchpoint_id=place, interaction_id=seen.id)
        invitation.happened_on, invitation.expires_at, invitation.spent_at = month, then, then
        invitation.way = Way.LINK
        session.add(invitation)
        session.flush()
        response.invitation_id = invitation.id
        session.add(response)


@pytest.fixture
def railway(database) -> Railway:
    """The railway, stored on each engine; its rows may be read for as long as the test lasts."""
    with database.writing() as session:
        found = built(session)
        session.expire_on_commit = False
    return found


@pytest.fixture
def small_railway(sqlite) -> Railway:
    """The same on SQLite alone."""
    with sqlite.writing() as session:
        found = built(session)
        session.expire_on_commit = False
    return found
