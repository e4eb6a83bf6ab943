"""What would tell who a customer is goes from their words; what they are about stays."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from surveys.responses.masking import MASK, masked

PERSONAL = [
    "a@b.fr",
    "jean.dupont+x@exemple.co.uk",
    "jean (at) exemple.fr",
    "06 12 34 56 78",
    "0612345678",
    "+33 6 12 34 56 78",
    "+33(0)6.12.34.56.78",
    "06-12-34-56-78",
    "06,12,34,56,78",
    "06 12\n34 56\n78",
    "(555) 123-4567",
    "555-1234",
    "0049 30 123456",
    "612 345 678",
    "FR76 3000 6000 0112 3456 7890 189",
    "fr7630006000011234567890189",
    "GB29 NWBK 6016 1331 9268 19",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "1 85 05 78 006 084 36",
    "123456",
    "٠٦١٢٣٤٥٦٧٨",
]
ORDINARY = [
    "",
    "3 weeks",
    "45 minutes",
    "12 h 30",
    "12 h, 45 min",
    "on 2026-11-03",
    "le 03/11/2026 14:30",
    "du 03/11/2026 au 05/11/2026",
    "03/11/2026 - 05/11/2026",
    "from 2019 to 2021",
    "2019-2021, 2019–2021",
    "waited 30-45 minutes",
    "1 250 000",
    "12 500,00 €",
    "1500000 €",
    "€1500000",
    "1,250.50",
    "75011 Paris",
    "TGV 6607, voiture 12, place 48",
    "room 1204, floor 3",
    "24/7, 5/5, 2,5 %",
    "09:15, 10:30, 11:45",
    "the bus was @ the stop",
]
few_digits = st.integers(0, 9999).map(str)
words = st.text(st.sampled_from("abcdefgh éàç.,;:!?'’\n"), max_size=20)
pairs = st.lists(st.integers(0, 99).map("{:02}".format), min_size=4, max_size=9)
between = st.sampled_from([" ", ".", "-", "", " - ", "/", "\u00a0", "\u202f"])
local = st.text(st.sampled_from("abcdexyz0123456789.+_-"), min_size=1, max_size=20)
host = st.text(st.sampled_from("abcxyz0189-"), min_size=1, max_size=12)


@pytest.mark.parametrize("text", PERSONAL)
def test_what_would_tell_who_somebody_is_goes(text):
    assert masked(f"Call me: {text}, please") == f"Call me: {MASK}, please"


@pytest.mark.parametrize("text", ORDINARY)
def test_what_a_comment_is_about_stays(text):
    assert masked(text) == text


@given(words, local, host, words)
def test_no_address_is_left(before, name, where, after):
    said = masked(f"{before} {name}@{where}.org {after}")
    assert "@" not in said
    assert f"{where}.org" not in said


@given(words, pairs, between, words)
def test_no_long_number_is_left(before, digits, gap, after):
    number = gap.join(digits)
    said = masked(f"{before} n {number} x {after}")
    if len(re.sub(r"\D", "", number)) > 8:
        assert not re.search(r"\d", said)


@given(words, few_digits, words, few_digits, words)
def test_short_numbers_stay_where_words_stand_between_them(before, one, middle, other, after):
    text = f"{before} {one} a{middle}a {other} {after}"
    assert masked(text) == text


@given(st.text(st.sampled_from("0123456789 @.-+()/,:\nabFR76€"), max_size=60))
@example("a@0.@0")
def test_masking_again_changes_nothing(text):
    assert masked(masked(text)) == masked(text)


HOSTILE = ["1 " * 20_000, "a" * 40_000 + "@", "a." * 20_000, "(at)" * 10_000, "FR76 " + "ab12 " * 8_000]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_long_hostile_text_keeps_nobody_waiting(text):
    assert len(masked(text)) <= len(
        text
    )  # in a moment; where it grew with the square of the length, a minute
