"""What customers are sent: short, light, in their language, with one button and a way out."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.outbox import secrets
from surveys.invitations import mails
from tests.conftest import SECRET
from tests.surveys.invitations.conftest import settings

ASKED = mails.Asked(
    language="en",
    place={"en": "Call centre", "fr": "Centre d’appels"},
    happened_on=date(2026, 11, 9),
    until=date(2026, 12, 9),
    name="Zoé",
    link="https://pulse.example.org/r/{secret:answer-abc:22}",
    stop="https://pulse.example.org/stop/abc.{secret:stop-abc}",
)
names = st.text(st.characters(codec="utf-8"), max_size=80)


def test_it_says_who_asks_about_what_and_when_and_how_to_stop():
    subject, text, html = mails.invitation(ASKED, settings())
    assert subject == "Chemins de fer: how did it go on 9 November 2026?"
    assert text.startswith(
        "Hello Zoé,\n\nyou were in touch with Chemins de fer on 9 November 2026 (Call centre)."
    )
    assert f"Say how it went\n{ASKED.link}\n" in text
    assert (
        f"once in 90 days. If you would rather not be asked again:\n\nNo more surveys\n{ASKED.stop}" in text
    )
    assert f'<a href="{ASKED.link}" style=' in html
    assert '<html lang="en">' in html


def test_french_customers_are_written_to_in_french():
    subject, text, html = mails.invitation(replace(ASKED, language="fr"), settings(rest_days=1))
    assert subject == "Chemins de fer\u00a0: comment cela s’est-il passé le 9 novembre 2026\u202f?"
    assert "(Centre d’appels)" in text
    assert '<html lang="fr">' in html


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_is_light_and_fetches_nothing(language):
    _, text, html = mails.invitation(replace(ASKED, language=language), settings())
    filled = secrets.filled(html, SECRET)
    assert len(filled.encode()) < 15_000
    assert not re.search(r"<img|src=|url\(|<link|<script", filled)
    assert len(re.findall("<a ", filled)) == 2
    assert len(text.encode()) < 2_000


@given(names, names)
def test_no_name_becomes_a_tag_a_line_or_a_secret(name, place):
    asked = replace(ASKED, name=name, place={"en": place})
    subject, text, html = mails.invitation(asked, settings(organisation=name or "x"))
    assert len(subject.splitlines()) == 1
    assert len(text.splitlines()) == len(mails.invitation(ASKED, settings())[1].splitlines())
    assert (
        secrets.MARK.findall(text) == secrets.MARK.findall(html) == [("answer-abc", "22"), ("stop-abc", "")]
    )
    inside = re.sub("</?(html|head|meta|title|body|p|a)( [^<>]*)?>|<!doctype html>", "", html)
    assert "<" not in inside


def test_a_secret_a_customer_writes_into_their_name_stays_unfilled():
    asked = replace(ASKED, name="{secret:answer-of-somebody-else}")
    _, text, _ = mails.invitation(asked, settings())
    assert "Hello (secret:answer-of-somebody-else)," in secrets.filled(text, SECRET)


def test_a_name_too_long_for_one_is_left_out():
    assert mails.invitation(replace(ASKED, name="x" * 61), settings())[1].startswith("Hello,\n")
    assert mails.invitation(replace(ASKED, name=None), settings())[1].startswith("Hello,\n")


def test_mail_programs_are_told_how_to_stop_at_one_click():
    assert mails.headers(ASKED.stop) == {
        "List-Unsubscribe": f"<{ASKED.stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_text_message_has_room_in_one_and_letters_every_telephone_knows(language):
    words = mails.text_message(replace(ASKED, language=language), settings(), room=50)
    filled = secrets.filled(words, SECRET)
    assert mails.length(filled) <= mails.ROOM
    assert set(filled) <= mails.PLAIN | mails.DOUBLE
    assert words.endswith(ASKED.link)
    assert ("9 November" if language == "en" else "9 novembre") in words


def test_a_text_message_leaves_out_what_does_not_fit():
    long = replace(
        ASKED, place={"en": "The counter for lost and found things in the great hall of the station"}
    )
    words = mails.text_message(long, settings(), room=50)
    assert words == f"Chemins de fer: how did it go? 30 seconds: {ASKED.link}"


@given(st.text(st.characters(codec="utf-8", categories=["L", "Zs", "Po"]), max_size=40))
def test_simple_letters_keep_what_the_alphabet_has(words):
    assert mails.simple(mails.simple(words)) == mails.simple(words)
    assert mails.simple("".join(c for c in words if c in mails.PLAIN)) == " ".join(
        "".join(c for c in words if c in mails.PLAIN).split()
    )


def test_letters_telephones_do_not_know_are_spelt_otherwise():
    assert (
        mails.simple("Œuvre, œil, garçon, fête, «\u00a0l’été\u00a0»…")
        == 'OEuvre, oeil, garcon, fete, " l\'été "...'
    )
