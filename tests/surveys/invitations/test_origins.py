"""Sites that may show a survey in a frame."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from surveys.invitations.origins import MOST, NotASite, TooManySites, origin, origins


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://www.example.org", "https://www.example.org"),
        ("https://www.example.org/contact?x=1#y", "https://www.example.org"),
        (" WWW.Example.ORG ", "https://www.example.org"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://example.org:443/", "https://example.org"),
        ("http://example.org:80", "http://example.org"),
        ("https://müller.example", "https://xn--mller-kva.example"),
        ("192.0.2.7:8000", "https://192.0.2.7:8000"),
    ],
)
def test_an_address_of_any_page_names_its_site(typed, meant):
    assert origin(typed) == meant


NO_SITES = [
    *("*", "https://*.example.org", "javascript:alert(1)", "data:text/html,x", "ftp://example.org"),
    *("https://", "https://a b", "https://a;script-src *", "https://user:pw@example.org", "'self'"),
    *("https://example.org:0", "https://example.org:99999", "https://exa\u2028mple.org", "https://[::1"),
    "https://" + "a" * 300,
]


@pytest.mark.parametrize("typed", NO_SITES)
def test_what_is_no_site_is_refused(typed):
    with pytest.raises(NotASite):
        origin(typed)


@given(st.text())
@example("https://a\u3002b")
@example("https://ⓔxample.org")
def test_nothing_ever_gets_into_a_header_but_a_site(typed):
    try:
        found = origin(typed)
    except NotASite:
        return
    assert re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", found)
    assert origin(found) == found


def test_sites_stand_one_a_line_and_each_once():
    assert origins("a.example\n\n https://b.example/x \r\nA.example\n") == [
        "https://a.example",
        "https://b.example",
    ]
    assert origins("") == []


def test_more_sites_than_a_header_should_hold_are_refused():
    with pytest.raises(TooManySites):
        origins("\n".join(f"s{number}.example" for number in range(MOST + 1)))
