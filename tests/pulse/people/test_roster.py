"""Who belongs where from when on: no day is ever counted twice, and what was stays as it was."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pulse.people.roster import A_DAY, Change, Listed, Spell, ended, moved, placed, too_many

STARTS = date(2026, 11, 22)
LONG_AGO = date(2015, 3, 1)
DAYS = st.integers(0, 60).map(lambda n: STARTS + timedelta(days=n - 30))


def put(
    listed: Listed, *spells: Spell, known: bool = True, left_on: date | None = None
) -> tuple[Change, tuple[Spell, ...]]:
    """What a row comes to, and where somebody belongs after it."""
    found = placed(listed, spells, starts=STARTS, known=known, left_on=left_on)
    return found.change, found.spells


@st.composite
def histories(draw: st.DrawFn) -> tuple[Spell, ...]:
    """Spells in order, none overlapping another, the last one open or not."""
    edges = sorted(draw(st.sets(DAYS, min_size=0, max_size=8)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    spells = [Spell(draw(st.integers(1, 3)), first, last) for first, last in pairs]
    still_there = draw(st.booleans())
    if spells and still_there:
        spells[-1] = Spell(spells[-1].team, spells[-1].since)
    return tuple(spells)


def test_who_is_new_joins_on_the_first_day_given_or_when_the_file_starts() -> None:
    assert put(Listed(1), known=False) == (Change.JOINED, (Spell(1, STARTS),))
    assert put(Listed(1, since=LONG_AGO), known=False) == (Change.JOINED, (Spell(1, LONG_AGO),))


def test_who_moves_belongs_to_the_old_team_until_the_day_before() -> None:
    before = Spell(1, LONG_AGO)
    assert put(Listed(2), before) == (
        Change.MOVED,
        (Spell(1, LONG_AGO, STARTS - A_DAY), Spell(2, STARTS)),
    )
    day = date(2026, 11, 3)
    assert put(Listed(2, since=day), before)[1][-1] == Spell(2, day)
    later = date(2026, 12, 1)
    assert put(Listed(2, since=later), before)[1] == (Spell(1, LONG_AGO, later - A_DAY), Spell(2, later))


def test_the_day_of_hiring_is_not_taken_for_the_day_of_a_move() -> None:
    before = Spell(1, date(2020, 1, 1))
    assert put(Listed(2, since=LONG_AGO), before)[1][-1] == Spell(2, STARTS)


def test_who_comes_back_begins_anew_and_keeps_the_past() -> None:
    past = Spell(1, LONG_AGO, date(2020, 1, 1))
    change, spells = put(Listed(1, since=LONG_AGO), past, left_on=date(2020, 1, 1))
    assert change is Change.RETURNED
    assert spells == (past, Spell(1, STARTS))


def test_who_leaves_later_stays_until_then() -> None:
    last = date(2026, 12, 31)
    change, spells = put(Listed(1, left=last), Spell(1, LONG_AGO))
    assert (change, spells) == (Change.LEFT, (Spell(1, LONG_AGO, last),))
    again = put(Listed(1, left=last), *spells, left_on=last)
    assert again == (Change.STAYED, spells)


def test_nobody_changes_team_up_to_the_day_a_wave_was_opened() -> None:
    opened = date(2026, 11, 3)
    before, day = (Spell(1, LONG_AGO),), date(2026, 11, 1)

    def after(listed: Listed, *spells: Spell) -> tuple[Spell, ...]:
        known = bool(spells)
        return placed(listed, spells, starts=day, known=known, left_on=None, settled=opened).spells

    assert after(Listed(2, since=day), *before) == (Spell(1, LONG_AGO, opened), Spell(2, opened + A_DAY))
    assert after(Listed(2), *before) == (Spell(1, LONG_AGO, opened), Spell(2, opened + A_DAY))
    assert after(Listed(2, since=LONG_AGO)) == (
        Spell(2, opened + A_DAY),
    )  # who is new waits for the next wave
    assert after(Listed(1, left=date(2026, 10, 31)), *before) == (Spell(1, LONG_AGO, opened),)


def test_who_had_left_before_is_passed_by() -> None:
    assert put(Listed(1, left=LONG_AGO), known=False)[0] is Change.PASSED_BY
    assert put(Listed(1, left=LONG_AGO), left_on=LONG_AGO)[0] is Change.PASSED_BY
    change, spells = put(Listed(1, left=date(2026, 11, 1)), Spell(1, LONG_AGO))
    assert (change, spells) == (Change.LEFT, (Spell(1, LONG_AGO, date(2026, 11, 1)),))


@given(histories(), st.integers(1, 3), st.none() | DAYS, st.none() | DAYS)
def test_nobody_belongs_to_two_teams_on_a_day_and_the_past_stays(
    before: tuple[Spell, ...], team: int, since: date | None, settled: date | None
) -> None:
    after = moved(before, team, since=since, starts=STARTS, settled=settled)
    look = max(since or STARTS, STARTS, (settled or date.min) + A_DAY)
    assert [spell.team for spell in after if spell.holds(look)] == [team]
    for one, other in pairwise(after):
        assert one.until is not None
        assert one.since <= one.until < other.since
    assert (
        moved(after, team, since=since, starts=STARTS, settled=settled) == after
    )  # a second time changes nothing
    if after != before:
        changed = after[-1].since
        assert ended(before, changed - A_DAY) == ended(after, changed - A_DAY)
        assert changed >= min(since or STARTS, STARTS)
        assert settled is None or changed > settled


@given(histories(), st.integers(1, 3), st.none() | DAYS, st.none() | DAYS, st.none() | DAYS)
def test_a_row_taken_over_changes_nothing_the_second_time(
    before: tuple[Spell, ...], team: int, since: date | None, left: date | None, left_on: date | None
) -> None:
    if left is not None and since is not None and left < since:
        return
    listed = Listed(team, since, left)
    first = placed(listed, before, starts=STARTS, known=True, left_on=left_on)
    again = placed(listed, first.spells, starts=STARTS, known=True, left_on=first.left_on)
    assert again.spells == first.spells
    assert again.change in (Change.STAYED, Change.PASSED_BY)


def test_more_than_a_fifth_is_too_many() -> None:
    assert not too_many(20, 100)
    assert too_many(21, 100)
    assert not too_many(0, 0)
