"""A unit's list is short, holds what customers raise near it, and leaves room for what they do not."""

from hypothesis import given
from hypothesis import strategies as st

from surveys.waves.lists import BY_LOT, LONGEST, live

codes = st.sets(st.text("abcdefgh", min_size=1, max_size=3), max_size=30)
MANY = {f"i{number:02}" for number in range(40)}
RAISED = {code: float(code[1:]) for code in MANY}


@given(codes, codes, st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.floats(0, 1e6)))
def test_a_list_holds_nine_at_most_or_what_must_be_on_it(near, kept, raised):
    found = live("unit", 2026, near, raised, kept)
    assert set(kept) <= set(found) <= near | kept
    assert len(found) == len(set(found)) == min(len(near | kept), max(LONGEST, len(kept)))
    assert list(found) == sorted(found)
    assert found == live("unit", 2026, sorted(near), dict(raised), kept)


def test_what_customers_raise_most_comes_first_and_two_are_drawn_by_lot():
    found = set(live("unit", 2026, MANY, RAISED))
    most = set(sorted(MANY)[-(LONGEST - BY_LOT) :])
    assert most <= found
    assert len(found - most) == BY_LOT


def test_the_lot_is_the_units_own_and_drawn_anew_each_year():
    drawn = {live(unit, year, MANY, RAISED) for unit in ("a", "b", "c") for year in (2026, 2027)}
    assert len(drawn) >= 5  # of six: two may draw the same by chance


def test_a_running_fix_is_on_the_list_even_where_customers_are_silent_about_it():
    assert "i00" in live("unit", 2026, MANY, RAISED, {"i00"})


def test_without_any_customers_word_lots_decide():
    assert len(live("unit", 2026, MANY, {})) == LONGEST
