"""An organisation's waves in a database, released by the rule or, to see that attacks can succeed, by a
careless one: everything of at least 5 answers, to a tenth of a point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from benchmarks.attacking.made_up import NOBODY, Month, Organisation
from pulse.db import Database
from pulse.ledger import store
from pulse.ledger.disclosure import SCORES, Extent, below
from pulse.ledger.models import ReleasedCell, Source
from pulse.months import shifted
from pulse.organisation.models import Irritant, Side, Team
from pulse.people.models import AnswersBy, Membership, Person
from surveys.waves import rosters
from surveys.waves.models import Wave, WaveState, WaveTeam

BEFORE = date(2023, 12, 1)
WORDS = ("customer_question_en", "customer_question_fr", "employee_question_en", "employee_question_fr")


def keep(database: Database, whole: Organisation) -> None:
    """Write teams, people and where they belonged; no wave yet."""
    with database.writing() as session:
        _teams(session, whole)
        codes = [f"m{number}" for number in range(whole.months[0].answers.shape[1])]
        words = dict.fromkeys(WORDS, "?")
        session.execute(
            insert(Irritant),
            [{"code": code, "label_en": code, "label_fr": code, **words} for code in codes],
        )
        _people(session, whole)


def _teams(session: Session, whole: Organisation) -> None:
    """Every team there ever was, as the tree last knew it."""
    last: dict[int, int | None] = {}
    for month in whole.months:
        last |= month.parents
    rows = [{"id": t, "code": f"t{t}", "name_en": f"T{t}", "name_fr": f"T{t}"} for t in sorted(last)]
    session.execute(insert(Team), rows)
    for team, parent in last.items():
        if parent is not None:
            session.get_one(Team, team).parent_id = parent


def _people(session: Session, whole: Organisation) -> None:
    team = np.stack([month.team for month in whole.months], axis=1)
    there = np.flatnonzero((team != NOBODY).any(axis=1))
    always = {"language": "en", "answers_by": AnswersBy.BALLOT, "visits": 0}
    session.execute(
        insert(Person),
        [
            always | {"id": person + 1, "email": f"p{person}@example.org", "name": f"P{person}"}
            for person in there.tolist()
        ],
    )
    session.execute(insert(Membership), list(_stays(whole, team, there.tolist())))


def _stays(whole: Organisation, team: np.ndarray, people: Iterable[int]) -> Iterator[dict[str, object]]:
    """A row for every stretch of months that somebody spent in one team."""
    months = [month.month for month in whole.months]
    for person in people:
        row = team[person].tolist()
        begin = 0
        for at in range(1, len(row) + 1):
            if at == len(row) or row[at] != row[begin]:
                if row[begin] != NOBODY:
                    until = None if at == len(row) else months[at] - timedelta(days=1)
                    yield {
                        "person_id": person + 1,
                        "team_id": row[begin],
                        "since": months[begin],
                        "until": until,
                    }
                begin = at


def publish(database: Database, month: Month, tally: Sequence[store.Sum] | None = None) -> None:
    """Hold a wave, tally it and release its figures as Pulse does; tally -- in place of the true one."""
    opens = datetime.combine(month.month, time(9), UTC)
    closes = datetime.combine(shifted(month.month, 1), time(0), UTC)
    with database.writing() as session:
        wave = Wave(month=month.month, opens_at=opens, closes_at=closes, threshold=SCORES)
        wave.state = WaveState.CLOSED
        session.add(wave)
        session.flush()
        people = np.bincount(month.team[month.team != NOBODY], minlength=max(month.parents) + 1)
        rows = [
            {
                "wave_id": wave.id,
                "team_id": t,
                "unit_id": month.units[t],
                "parent_id": p,
                "people": int(people[t]),
            }
            for t, p in month.parents.items()
        ]
        session.execute(insert(WaveTeam), rows)
        store.replace(session, Side.EMPLOYEE, month.month, Source.TALLY, tally or sums(month))
        tree = rosters.tree(session, wave)
        store.close(session, Side.EMPLOYEE, month.month, k=wave.threshold, now=closes, tree=tree)
        wave.state = WaveState.TALLIED


def sums(month: Month) -> list[store.Sum]:
    """The tally of a wave, by measure (numbered from 1) and ballot unit."""
    unit = month.unit_of()
    found = []
    for measure in range(month.answers.shape[1]):
        given = month.answers[:, measure]
        said = given != NOBODY
        n = np.bincount(unit[said])
        total = np.bincount(unit[said], weights=given[said])
        squares = np.bincount(unit[said], weights=given[said].astype(float) ** 2)
        found += [
            store.Sum(measure + 1, place, int(n[place]), int(total[place]), int(squares[place]))
            for place in np.flatnonzero(n).tolist()
        ]
    return found


def publish_carelessly(database: Database, month: Month, tally: Sequence[store.Sum] | None = None) -> None:
    """Replace a wave's figures by those of a rule that says only "at least 5"."""
    with database.writing() as session:
        where = {"side": Side.EMPLOYEE, "month": month.month}
        session.execute(delete(ReleasedCell).filter_by(**where))
        session.execute(insert(ReleasedCell), [where | row for row in _careless(month, tally or sums(month))])


def _careless(month: Month, cells: Sequence[store.Sum]) -> Iterator[dict[str, object]]:
    for measure in sorted({cell.measure_id for cell in cells}):
        mine = [cell for cell in cells if cell.measure_id == measure]
        n, total = ({c.place_id: getattr(c, name) for c in mine} for name in ("n", "total"))
        whole_n, whole_total = below(month.parents, n), below(month.parents, total)
        units = {parent for parent in month.parents.values() if parent is not None}
        for extent, numbers, totals in (
            (Extent.OWN, n, total),
            (Extent.WHOLE, {u: m for u, m in whole_n.items() if u in units}, whole_total),
        ):
            for place, number in numbers.items():
                if number >= SCORES:
                    score = round(totals.get(place, 0) / number / 10) * 10
                    yield {
                        "measure_id": measure,
                        "place_id": place,
                        "extent": extent,
                        "n": number,
                        "score": score,
                        "step": 10,
                        "fresh": True,
                    }
