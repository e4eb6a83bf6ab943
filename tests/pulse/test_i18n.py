"""Sentences, numbers and dates come out as each language writes them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse import i18n

NARROW, NO_BREAK = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


def test_numbers_have_the_languages_own_marks() -> None:
    with i18n.speaking("fr"):
        assert i18n.number(1234.56) == f"1{NARROW}234,6"
        assert i18n.percent(0.87) == f"87{NO_BREAK}%"
    with i18n.speaking("en"):
        assert i18n.number(1234.56) == "1,234.6"
        assert i18n.percent(0.87) == "87%"


def test_a_change_bears_its_sign_and_nothing_bears_none() -> None:
    with i18n.speaking("en"):
        assert [i18n.signed(value) for value in (1.25, -1.25, 0.04, -0.04)] == ["+1.3", "−1.3", "0.0", "0.0"]


def test_french_counts_points_from_two_on() -> None:
    with i18n.speaking("fr"):
        assert (i18n.points(1.9), i18n.points(2.0), i18n.points(-1.2)) == (
            "1,9 point",
            "2,0 points",
            "−1,2 point",
        )
    with i18n.speaking("en"):
        assert i18n.points(1.0) == "1.0 points"


def test_a_share_is_never_rounded_to_certainty() -> None:
    with i18n.speaking("en"):
        assert [i18n.percent(share) for share in (0.0, 0.001, 0.999, 1.0)] == ["0%", "1%", "99%", "100%"]


def test_dates_are_words() -> None:
    with i18n.speaking("fr"):
        assert i18n.day(date(2025, 3, 1)) == "1er mars 2025"
        assert i18n.month(date(2025, 8, 31)) == "août 2025"
    with i18n.speaking("en"):
        assert i18n.day(date(2025, 3, 1)) == "1 March 2025"


def test_a_list_of_things_ends_in_and() -> None:
    with i18n.speaking("fr"):
        assert i18n.listed(["A", "B", "C"]) == "A, B et C"


def test_a_lazy_sentence_waits_for_its_language() -> None:
    words = i18n.lazy("Sign in")
    with i18n.speaking("fr"):
        assert str(words) == "Se connecter"
    with i18n.speaking("en"):
        assert str(words) == "Sign in"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("en-GB,en;q=0.9", "en"),
        ("de, en;q=0.5", "en"),
        ("de", "fr"),
        (None, "fr"),
        ("en;q=0, fr", "fr"),
        ("en;q=much", "fr"),
    ],
)
def test_a_browser_is_answered_in_the_language_it_asks_for(header: str | None, language: str) -> None:
    assert i18n.preferred(header, ("fr", "en")) == language


@given(st.text(max_size=200))
def test_no_header_a_browser_could_send_is_an_error(header: str) -> None:
    assert i18n.preferred(header, ("fr", "en")) in ("fr", "en")


def test_the_language_is_what_it_was_after_a_sentence_in_another() -> None:
    before = i18n.language()
    with pytest.raises(ZeroDivisionError), i18n.speaking("fr"):
        1 / 0  # noqa: B018
    assert i18n.language() == before


def test_what_rounds_to_nothing_has_no_sign():
    with i18n.speaking("fr"):
        assert [i18n.number(-0.0), i18n.number(-0.04), i18n.signed(-0.04), i18n.signed(0.04)] == ["0,0"] * 4
