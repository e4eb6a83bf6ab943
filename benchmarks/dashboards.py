"""How long the server takes for what analysts read, and how heavy it is, at ten million answers of cells.

    python -m benchmarks.dashboards [--teams 2000] [--looks 15]

A company of 2,000 teams, 500 touchpoints and 20 irritants over 48 months, with 200 fixes and all their
verdicts, is written straight into the database on each engine: about a million released cells. Each page is
asked for by an analyst, through the whole application but for the wire. Ends with 1 where the middle time
of a page is over 300 ms or a page heavier than it may be.
"""

import argparse
import gzip
import random
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from statistics import median

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from benchmarks.serving import application, databases, engines
from pulse import db
from pulse.ledger.disclosure import Extent
from pulse.ledger.models import ClosedMonth, ReleasedCell
from pulse.months import last_day, shifted
from pulse.organisation.models import (
    Fix,
    FixPlace,
    Indicator,
    Irritant,
    IrritantTouchpoint,
    Serving,
    Side,
    Supply,
    Team,
    Touchpoint,
)
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.verdicts.models import CounterfactualMonth, Flag, FlagEvent, FlagState, Look, Verdict
from pulse.verdicts.rules import Outcome, Reason

LAST, MONTHS = date(2026, 10, 1), 48
NOW = datetime(2026, 11, 5, 2, tzinfo=UTC)
ANALYST, PASSWORD = "ana@example.org", "correct horse battery staple"
ASKED, MET = 6, 10  # irritants of a team and of a touchpoint
FIXES, LOOKED = 200, 24  # fixes, and verdicts of each
SLOWEST = 300.0  # ms, the middle of the looks at a page
HEAVIEST = {"/dashboard": 30_000, "/fixes/fix-7": 60_000}  # bytes, compressed
PAGES = (
    "/dashboard",
    "/dashboard?months=12&owner=owner3@example.org",
    "/fixes",
    "/fixes?search=fix+17",
    "/fixes/fix-7",
    "/fixes/fix-8",
    "/flags",
    "/flags/1",
    "/changes",
    "/heat",
    "/heat?unit=unit-3",
    "/burden",
    "/teams/team-7",
    "/teams/unit-3",
    "/chain",
    "/chain?team=team-7",
    "/figures",
    "/irritants",
    "/heard",
    "/you-said",
)


@dataclass(frozen=True)
class Size:
    """How large the company is."""

    teams: int
    touchpoints: int
    irritants: int = 20
    months: int = MONTHS


@dataclass(frozen=True)
class Asked:
    """A page: the middle and the longest time in ms, the middle of the processor's time, and its weight.

    processor -- ms of our own thread, which is SQLite's as well: what a busy machine does not change
    statements -- of SQL; plain, packed -- bytes
    """

    path: str
    status: int
    middle: float
    longest: float
    processor: float
    statements: int
    plain: int
    packed: int

    @property
    def wrong(self) -> list[str]:
        """What is not as it should be, in words."""
        found = [] if self.status == 200 else [f"{self.path} answers {self.status}"]
        if self.middle > SLOWEST:
            found.append(f"{self.path} takes {self.middle:.0f} ms, over {SLOWEST:.0f}")
        if self.packed > HEAVIEST.get(self.path, sys.maxsize):
            found.append(f"{self.path} weighs {self.packed} bytes compressed, over {HEAVIEST[self.path]}")
        return found


def told(session: Session, size: Size) -> int:
    """Write the company down; how many answers its released cells stand for."""
    lots = random.Random(6)
    teams, touchpoints = _places(session, size, lots)
    irritants = _measures(session, size, touchpoints, lots)
    fixes = _fixes(session, irritants, touchpoints, teams, lots)
    session.flush()
    answers = _cells(session, size, teams, touchpoints, irritants, lots)
    _verdicts(session, fixes, teams, irritants, lots)
    person = people.add(session, ANALYST, name="Ana", language="en", password=PASSWORD)
    people.grant(session, person, Grant.ANALYST)
    return answers


def _places(session: Session, size: Size, lots: random.Random) -> tuple[list[Team], list[Touchpoint]]:
    units = [
        Team(code=f"unit-{n}", name_en=f"Region {n}", name_fr=f"Région {n}")
        for n in range(max(1, size.teams // 50))
    ]
    head = Team(code="head", name_en="The whole company", name_fr="Toute l’entreprise")
    session.add_all([head, *units])
    session.flush()
    teams = [
        Team(
            code=f"team-{n}",
            name_en=f"Team number {n}",
            name_fr=f"Équipe numéro {n}",
            parent_id=units[n % len(units)].id,
            headcount=12,
        )
        for n in range(size.teams)
    ]
    for unit in units:
        unit.parent_id = head.id
    touchpoints = [
        Touchpoint(code=f"touchpoint-{n}", name_en=f"Touchpoint {n}", name_fr=f"Point de contact {n}")
        for n in range(size.touchpoints)
    ]
    session.add_all([*teams, *touchpoints])
    session.flush()
    front = teams[: int(size.teams * 0.4)]
    session.add_all(
        Serving(touchpoint_id=place.id, team_id=front[n % len(front)].id)
        for n, place in enumerate(touchpoints)
    )
    links: set[tuple[int, int | None]] = {(team.id, None) for team in front}
    for number, team in enumerate(teams[len(front) :]):
        earlier = teams[: len(front) + number]
        links |= {(team.id, lots.choice(earlier).id) for _ in range(2)}
    session.add_all(Supply(supplier_id=supplier, customer_id=customer) for supplier, customer in links)
    return [head, *units, *teams], touchpoints


def _measures(
    session: Session, size: Size, touchpoints: Sequence[Touchpoint], lots: random.Random
) -> list[Irritant]:
    irritants = []
    for n in range(size.irritants):
        words = f"the thing number {n} that annoys people"
        irritants.append(
            Irritant(
                code=f"irritant-{n}",
                label_en=words.capitalize(),
                label_fr=f"La chose numéro {n} qui agace",
                customer_question_en=f"How much did {words} bother you?",
                customer_question_fr=f"À quel point la chose {n} vous a-t-elle gêné ?",
                employee_question_en=f"How much did {words} land on you?",
                employee_question_fr=f"À quel point la chose {n} est-elle retombée sur vous ?",
            )
        )
    session.add_all([*irritants, Indicator(code="effort", label_en="Effort", label_fr="Effort")])
    session.flush()
    session.add_all(
        IrritantTouchpoint(irritant_id=irritant.id, touchpoint_id=place.id)
        for place in touchpoints
        for irritant in lots.sample(irritants, MET)
    )
    return irritants


def _fixes(
    session: Session,
    irritants: Sequence[Irritant],
    touchpoints: Sequence[Touchpoint],
    teams: Sequence[Team],
    lots: random.Random,
) -> list[Fix]:
    fixes = [
        Fix(
            code=f"fix-{n}",
            name_en=f"The fix number {n} of something",
            name_fr=f"L’action numéro {n} sur quelque chose",
            irritant_id=lots.choice(irritants).id,
            started=shifted(LAST, -LOOKED + n % 20),
            owner=f"owner{n % 9}@example.org",
            expected_customer=-150,
            expected_staff=0,
            staff_task="Nothing",
        )
        for n in range(FIXES)
    ]
    session.add_all(fixes)
    session.flush()
    ordinary = [team for team in teams if team.code.startswith("team-")]
    session.add_all(
        FixPlace(fix_id=fix.id, place_id=place.id)
        for fix in fixes
        for place in (*lots.sample(list(touchpoints), 24), *lots.sample(ordinary, 12))
    )
    return fixes


def _cells(
    session: Session,
    size: Size,
    teams: Sequence[Team],
    touchpoints: Sequence[Touchpoint],
    irritants: Sequence[Irritant],
    lots: random.Random,
) -> int:
    effort = session.scalars(select(Indicator)).one()
    own = {team.id: lots.sample(irritants, ASKED) for team in teams if team.code.startswith("team-")}
    met = {place.id: [*lots.sample(irritants, MET), effort] for place in touchpoints}
    whole = {team.id: list(irritants) for team in teams if team.id not in own}
    answers = 0

    def rows() -> Iterator[dict[str, object]]:
        nonlocal answers
        for back in range(size.months):
            month = shifted(LAST, -back)
            for asked, side, extent, least in (
                (own, Side.EMPLOYEE, Extent.OWN, 5),
                (whole, Side.EMPLOYEE, Extent.WHOLE, 200),
                (met, Side.CUSTOMER, Extent.OWN, 10),
            ):
                for place, measures in asked.items():
                    for measure in measures:
                        n = least + lots.randrange(15)
                        answers += n if extent is Extent.OWN else 0
                        yield {
                            "measure_id": measure.id,
                            "side": side,
                            "place_id": place,
                            "extent": extent,
                            "month": month,
                            "n": n if n >= 20 else 5 * round(n / 5),
                            "score": lots.randrange(0, 1000, 50),
                            "step": 10 if n >= 20 else 50,
                            "fresh": lots.random() > 0.1,
                        }

    _insert(session, ReleasedCell, rows())
    closed = ({"side": side, "month": shifted(LAST, -back)} for side in Side for back in range(size.months))
    _insert(session, ClosedMonth, ({**one, "closed_at": NOW, "digest": "-"} for one in closed))
    return answers


def _verdicts(
    session: Session,
    fixes: Sequence[Fix],
    teams: Sequence[Team],
    irritants: Sequence[Irritant],
    lots: random.Random,
) -> None:
    ordinary = [team for team in teams if team.code.startswith("team-")]
    outcomes = list(Outcome)
    for number, fix in enumerate(fixes):
        for look in range(1, LOOKED + 1):
            day = last_day(shifted(fix.started, look))
            if day > last_day(LAST):
                break
            outcome = outcomes[number % len(outcomes)] if look > 4 else Outcome.UNDETERMINED
            known = look > 3
            landed = outcome is Outcome.DISPLACED
            session.add(
                Verdict(
                    fix_id=fix.id,
                    as_of=day,
                    revision=0,
                    concluded_at=NOW,
                    outcome=outcome,
                    reason=Reason.TOO_EARLY if outcome is Outcome.UNDETERMINED else None,
                    probability=round(lots.random(), 3),
                    customer_effect=-1.5 if known else None,
                    customer_low=-2.1 if known else None,
                    customer_high=-0.9 if known else None,
                    staff_effect=0.4 if known else None,
                    staff_low=-0.2 if known else None,
                    staff_high=1.0 if known else None,
                    landing_team=lots.choice(ordinary).code if landed else None,
                    landing_irritant=lots.choice(irritants).code if landed else None,
                    landing_hops=2 if landed else None,
                    landing_effect=1.2 if landed else None,
                    landing_low=0.6 if landed else None,
                    landing_high=1.8 if landed else None,
                    first_flagged=day if landed else None,
                )
            )
        session.flush()
        newest = session.scalars(
            select(Verdict).where(Verdict.fix_id == fix.id).order_by(Verdict.as_of.desc()).limit(1)
        ).one()
        if newest.outcome in (Outcome.DISPLACED, Outcome.BACKFIRED):
            flag = Flag(
                fix_id=fix.id,
                outcome=newest.outcome,
                raised_on=newest.as_of,
                verdict_id=newest.id,
                state=FlagState.OPEN,
                owner=fix.owner,
            )
            session.add(flag)
            session.flush()
            session.add(FlagEvent(flag_id=flag.id, at=NOW, state=FlagState.OPEN, comment=""))
    session.add_all(
        Look(as_of=last_day(shifted(LAST, -back)), digest="-", concluded_at=NOW) for back in range(LOOKED)
    )
    _insert(
        session,
        CounterfactualMonth,
        (
            {
                "fix_id": fix.id,
                "side": side,
                "month": shifted(LAST, -back),
                "expected": 5,
                "low": 4,
                "high": 6,
            }
            for fix in fixes
            for side in Side
            for back in range(MONTHS)
        ),
    )


def _insert(session: Session, table: type[db.Base], rows: Iterable[dict[str, object]]) -> None:
    waiting = iter(rows)
    while some := list(islice(waiting, 20_000)):
        session.execute(insert(table), some)


def asked(app: Flask, client: FlaskClient, path: str, looks: int) -> Asked:
    """A page, looked at so many times."""
    statements = [0]

    def count(*_: object) -> None:
        statements[0] += 1

    engine = db.main.engine
    event.listen(engine, "before_cursor_execute", count)
    times: list[float] = []
    worked: list[float] = []
    status, body = 0, b""
    for number in range(looks + 1):
        statements[0] = 0
        began, working = time.perf_counter(), time.thread_time()
        response = client.get(path)
        body = response.get_data()
        if number:  # the first look fills caches, as it does where Pulse has run for a while
            times.append((time.perf_counter() - began) * 1000)
            worked.append((time.thread_time() - working) * 1000)
        status = response.status_code
    event.remove(engine, "before_cursor_execute", count)
    packed = len(gzip.compress(body, 6))
    return Asked(path, status, median(times), max(times), median(worked), statements[0], len(body), packed)


def signed_in(app: Flask) -> FlaskClient:
    """The analyst's browser."""
    client = app.test_client()
    page = client.get("/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    client.post("/sign-in", data={"csrf_token": token[1], "email": ANALYST, "password": PASSWORD})
    return client


def measured(engine: str, size: Size, looks: int, pages: Sequence[str] = PAGES) -> tuple[int, list[Asked]]:
    """The answers behind the cells, and every page on an engine."""
    with databases(engine) as urls, application(urls) as app:
        with db.writing() as session:
            answers = told(session, size)
        client = signed_in(app)
        return answers, [asked(app, client, path, looks) for path in pages]


def main() -> int:
    """Measure, print, and tell whether all is within its limits."""
    words = argparse.ArgumentParser()
    words.add_argument("--teams", type=int, default=2000)
    words.add_argument("--looks", type=int, default=15)
    wanted = words.parse_args()
    wrong = []
    for engine in engines():
        answers, found = measured(engine, Size(wanted.teams, wanted.teams // 4), wanted.looks)
        print(
            f"\n{engine}: cells of {answers / 1e6:.1f} million answers, {wanted.teams} teams, {FIXES} fixes"
        )
        print(f"{'page':44}{'ms':>6}{'at most':>9}{'processor':>11}{'SQL':>5}{'kB':>7}{'packed':>8}")
        for page in found:
            print(
                f"{page.path:44}{page.middle:6.0f}{page.longest:9.0f}{page.processor:11.0f}{page.statements:5}"
                f"{page.plain / 1000:7.0f}{page.packed / 1000:8.1f}"
            )
            wrong += [f"{engine}: {words}" for words in page.wrong]
    print("\n" + ("\n".join(wrong) if wrong else "every page is within its limits"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
