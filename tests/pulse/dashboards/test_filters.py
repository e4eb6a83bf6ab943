"""What an address chooses, and that it says the same when it is written again."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.dashboards.filters import Filters, Show, Subject
from pulse.verdicts.rules import Outcome

TODAY = date(2025, 12, 31)
SUBJECT = Subject(
    outcome=Outcome.DISPLACED,
    started=date(2025, 7, 15),
    owner="omar@example.org",
    text="refund-48h Refunds within 48 hours Remboursement en 48 heures à l’arrivée",
    places=frozenset({"team:counter", "touchpoint:station"}),
)


@given(
    show=st.sampled_from(Show),
    search=st.text(max_size=20).map(str.strip),
    months=st.sampled_from([None, 6, 12, 24]),
    team=st.text(max_size=5),
    page=st.integers(1, 999),
)
def test_an_address_says_the_same_when_it_is_written_again(
    show: Show, search: str, months: int | None, team: str, page: int
) -> None:
    chosen = Filters(show=show, search=search, months=months, team=team, page=page)
    assert Filters.read(chosen.query) == chosen


@given(st.dictionaries(st.sampled_from(["show", "search", "months", "page", "team"]), st.text(max_size=30)))
def test_no_address_is_an_error(query: dict[str, str]) -> None:
    assert Filters.read(query).page >= 1


def test_a_page_number_of_any_length_is_read() -> None:
    assert Filters.read({"page": "9" * 5000}).page == 999_999  # Python reads no number of 5,000 digits


@pytest.mark.parametrize(
    ("chosen", "taken"),
    [
        (Filters(), True),
        (Filters(search="REFUND hours"), True),
        (Filters(search="arrivee"), True),
        (Filters(search="refund tomorrow"), False),
        (Filters(months=6), True),
        (Filters(team="counter", touchpoint="station"), True),
        (Filters(team="station"), False),
        (Filters(owner="omar@example.org"), True),
        (Filters(owner="someone@example.org"), False),
    ],
)
def test_a_choice_takes_what_it_names(chosen: Filters, taken: bool) -> None:
    assert chosen.takes(SUBJECT, TODAY) is taken


def test_a_period_counts_whole_months() -> None:
    assert Filters(months=6).takes(SUBJECT, date(2025, 12, 1))
    assert not Filters(months=6).takes(SUBJECT, date(2026, 1, 1))


def test_every_verdict_is_under_one_tab_beside_all() -> None:
    for outcome in Outcome:
        tabs = [show for show in Show if Filters(show=show).shows(outcome)]
        assert len(tabs) == 2
    assert [show for show in Show if Filters(show=show).shows(None)] == [Show.ALL]


def test_another_choice_starts_at_its_first_page() -> None:
    assert Filters(search="a", page=4).to(show=Show.SOLVED) == {"show": "solved", "search": "a"}
