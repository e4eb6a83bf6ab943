"""Who belongs where from when on, as a file of people says it. Pure: days in, days out."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

A_DAY = timedelta(days=1)


class Change(enum.Enum):
    """What a row of a file comes to."""

    JOINED = "joined"
    RETURNED = "returned"
    MOVED = "moved"
    LEFT = "left"
    UPDATED = "updated"  # same team; name, way of answering or teams headed differ
    STAYED = "stayed"
    PASSED_BY = "passed by"  # somebody who had left before Pulse knew them, or is known to have left


@dataclass(frozen=True)
class Spell:
    """The days somebody belongs to a team, first and last one included; until None = open."""

    team: int
    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it covers a day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Listed:
    """What a row says of somebody's place: the team, from which day on, and the last day at work."""

    team: int
    since: date | None = None
    left: date | None = None


@dataclass(frozen=True)
class Place:
    """Where somebody belongs once a row is taken over."""

    change: Change
    spells: tuple[Spell, ...]
    left_on: date | None


def placed(
    listed: Listed,
    spells: Sequence[Spell],
    *,
    starts: date,
    known: bool,
    left_on: date | None,
    settled: date | None = None,
) -> Place:
    """Where somebody belongs after a row, given where they belonged before.

    spells -- before, in the order of their days, none overlapping another
    starts -- the day from which the file holds
    known, left_on -- whether there is an account, and its last day where there is one
    settled -- the day a wave that is not counted yet was opened on: up to it nobody changes team any more,
               so that its crowds stay those that were counted and nobody answers for two teams

    What was before the day of a change stays as it was; what had been planned for later gives way to it.
    """
    before = tuple(spells)
    if listed.left is not None and listed.left < starts:
        if not known or left_on is not None:
            return Place(Change.PASSED_BY, before, left_on)
        return Place(Change.LEFT, ended(before, max(listed.left, settled or listed.left)), listed.left)
    after = moved(before, listed.team, since=listed.since, starts=starts, settled=settled)
    if listed.left is not None:
        after = ended(after, listed.left)
    return Place(_change(listed, before, after, starts, known, left_on), after, listed.left)


def _change(
    listed: Listed,
    before: tuple[Spell, ...],
    after: tuple[Spell, ...],
    starts: date,
    known: bool,
    left_on: date | None,
) -> Change:
    if left_on is not None and listed.left is None:
        return Change.RETURNED
    if known and listed.left is not None and listed.left != left_on:
        return Change.LEFT
    if before == after:
        return Change.STAYED
    return Change.MOVED if any(spell.holds(starts) for spell in before) else Change.JOINED


def moved(
    spells: tuple[Spell, ...], team: int, *, since: date | None, starts: date, settled: date | None = None
) -> tuple[Spell, ...]:
    """The spells of somebody who belongs to a team from a day on.

    That day is `since`, unless it lies before somebody's present spell began (a file may hold the day they
    were hired rather than the day they changed team): then it is the day from which the file holds.
    """
    first = settled + A_DAY if settled is not None else date.min
    look = max(since or starts, starts, first)
    here = next((spell for spell in spells if spell.holds(look)), None)
    if here is not None and here.team == team:
        return spells
    taken = [here.since] if here else [spell.until for spell in spells if spell.until and spell.until < look]
    day = max(since, first) if since is not None and all(since > last for last in taken) else look
    return (*ended(spells, day - A_DAY), Spell(team, day))


def ended(spells: Iterable[Spell], last: date) -> tuple[Spell, ...]:
    """Spells of which none goes on after a last day."""
    return tuple(
        spell if spell.until is not None and spell.until <= last else replace(spell, until=last)
        for spell in spells
        if spell.since <= last
    )


def too_many(leavers: int, people: int) -> bool:
    """Whether so many leavers are rather a wrong file: more than a fifth of everybody."""
    return leavers * 5 > people
