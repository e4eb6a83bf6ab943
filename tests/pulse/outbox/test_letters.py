"""Letters say the same as text and as a page; words from outside stay words."""

import re

from hypothesis import given
from hypothesis import strategies as st

from pulse.i18n import speaking
from pulse.outbox import secrets
from pulse.outbox.letters import Link, as_html, as_text, one_line

words = st.text(st.characters(codec="utf-8"), max_size=60)


def test_a_letter_is_the_same_as_text_and_as_a_page():
    letter = ("Hello,", Link("https://a.org/x", "Go there", button=True), Link("https://a.org/y"), "Pulse")
    assert as_text(letter) == "Hello,\n\nGo there\nhttps://a.org/x\n\nhttps://a.org/y\n\nPulse\n"
    with speaking("fr"):
        page = as_html(letter, "News & more")
    assert '<html lang="fr">' in page
    assert "<title>News &amp; more</title>" in page
    assert re.search('<p><a href="https://a.org/x" style="[^"]+">Go there</a></p>', page)
    assert '<p><a href="https://a.org/y">https://a.org/y</a></p>' in page


@given(words, words)
def test_no_word_becomes_a_tag_or_an_attribute(some, more):
    page = as_html((some, Link(more, some)), more)
    tags = re.findall("<[^>]*>", page)
    assert len(tags) == len(re.findall("<[^>]*>", as_html(("a", Link("b", "a")), "c")))
    assert page.count('"') == as_html(("a", Link("b", "a")), "c").count('"')


@given(words)
def test_one_line_is_one_and_holds_no_mark(some):
    line = one_line("{secret:abc}" + some + "{secret:def:22}")
    assert len(line.splitlines()) == 1
    assert secrets.MARK.search(line) is None
    assert one_line(line) == line


def test_secrets_may_be_shorter_and_marks_say_how_long():
    whole, short = secrets.mark("abc"), secrets.mark("abc", 22)
    assert (whole, short) == ("{secret:abc}", "{secret:abc:22}")
    filled = secrets.filled(f"{whole} {short}", "key")
    assert filled == f"{secrets.secret('key', 'abc')} {secrets.secret('key', 'abc')[:22]}"
    assert len(filled) == secrets.WHOLE + 1 + 22
