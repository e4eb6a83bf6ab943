"""Answering through an open link: anybody may, each page once, bursts are held, and frames are for some."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from pulse import db
from surveys.invitations import open_links
from surveys.responses import bursts
from surveys.responses.models import Door, Held, Response
from tests.conftest import SECRET
from tests.surveys.responses.conftest import hidden

SHOP = "https://shop.example"
HOME = "203.0.113.7"


@pytest.fixture
def secret(company):
    """The station's open link, which a shop's site may show in a frame."""
    with db.writing() as session:
        made = open_links.make(session, company.touchpoints["station"], key=SECRET)
        open_links.settings_of(session, company.touchpoints["station"].id).origins = [SHOP]
    return made


def filled(client, path: str, **more: str) -> dict[str, str]:
    """The fields of a page with something answered."""
    page = client.get(path)
    assert page.status_code == 200
    return hidden(page.text) | {"q-effort": "3", "none": "1", "reminded": "1"} | more


def responses() -> list[Response]:
    with db.reading() as session:
        return list(session.scalars(select(Response).order_by(Response.id)))


def send(client, path: str, moment, form: dict[str, str] | None = None, *, address: str = HOME):
    """Answer after having read for a while."""
    form = filled(client, path) if form is None else form
    moment.shift(timedelta(seconds=20))
    return client.post(path, data=form, environ_overrides={"REMOTE_ADDR": address})


def test_anybody_answers_by_an_open_link_as_often_as_it_is_opened(client, secret, moment):
    for _ in range(3):
        done = send(client, f"/o/{secret}", moment)
        assert done.status_code == 303
        assert client.get(done.headers["Location"]).status_code == 200
    found = responses()
    assert [(one.door, one.invitation_id, one.held) for one in found] == [(Door.OPEN, None, None)] * 3
    assert len({one.once for one in found} - {None}) == 3


def test_a_page_counts_once_and_a_double_submit_sees_its_thanks_again(client, secret, moment):
    form = filled(client, f"/o/{secret}")
    first, again = (send(client, f"/o/{secret}", moment, form) for _ in range(2))
    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    altered = send(client, f"/o/{secret}", moment, form | {"comment": "other words"})
    assert altered.status_code == 404
    assert len(responses()) == 1


def test_a_page_left_open_for_a_day_is_shown_anew_with_what_was_entered(client, secret, moment):
    form = filled(client, f"/o/{secret}", comment="As typed yesterday")
    moment.shift(timedelta(hours=25))
    stale = client.post(f"/o/{secret}", data=form)
    assert stale.status_code == 422
    assert "As typed yesterday" in stale.text
    assert responses() == []
    again = send(client, f"/o/{secret}", moment, form | hidden(stale.text))
    assert again.status_code == 303


def test_a_page_of_one_link_is_none_of_another(client, company, secret, moment):
    with db.writing() as session:
        other = open_links.make(session, company.touchpoints["phone"], key=SECRET)
    assert send(client, f"/o/{other}", moment, filled(client, f"/o/{secret}")).status_code == 422
    assert responses() == []


def test_a_closed_an_unknown_and_a_customers_link_look_alike(client, company, secret, link):
    own = link.removeprefix("/r/")
    with db.writing() as session:
        closed = open_links.make(session, company.touchpoints["phone"], key=SECRET)
        open_links.close(session, company.touchpoints["phone"])
    pages = [
        client.get(f"{door}?lang=en") for door in (f"/o/{closed}", "/o/nobody", f"/o/{own}", f"/r/{secret}")
    ]
    assert {page.status_code for page in pages} == {404}
    assert len({page.text for page in pages}) == 1


def test_what_comes_in_a_burst_is_held_and_the_sender_sees_no_difference(client, secret, moment):
    done = [send(client, f"/o/{secret}", moment).status_code for _ in range(bursts.FROM_ONE_PLACE + 2)]
    assert set(done) == {303}
    assert [one.held for one in responses()] == [None] * bursts.FROM_ONE_PLACE + [Held.BURST] * 2
    send(client, f"/o/{secret}", moment, address="203.0.113.8")
    assert responses()[-1].held is None


def test_a_double_submit_is_not_counted_towards_a_burst(client, secret, moment):
    form = filled(client, f"/o/{secret}")
    for _ in range(bursts.FROM_ONE_PLACE + 2):
        send(client, f"/o/{secret}", moment, form)
    send(client, f"/o/{secret}", moment)
    assert [one.held for one in responses()] == [None, None]


def test_a_sites_frame_shows_the_page_and_its_thanks_and_no_other_page(client, secret, moment, link):
    framed = f"/o/{secret}?frame=1&from={SHOP}"
    page = client.get(framed)
    policy = page.headers["Content-Security-Policy"]
    assert f"frame-ancestors {SHOP};" in policy + ";"
    assert "default-src 'self'" in policy
    assert f'data-site="{SHOP}"' in page.text
    assert page.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    done = send(client, framed, moment, filled(client, framed))
    thanks = client.get(done.headers["Location"])
    assert thanks.headers["Content-Security-Policy"] == policy
    assert 'target="_blank"' in thanks.text
    for path in (f"/o/{secret}", link, f"{link}?frame=1&from={SHOP}", "/sign-in?frame=1", "/o/none?frame=1"):
        other = client.get(path)
        assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"], path
        assert "frame.js" not in other.text


@pytest.mark.parametrize("site", ["https://evil.example", "", "*", "https://shop.example.evil", "null"])
def test_a_site_that_may_not_is_told_nothing(client, secret, site):
    page = client.get(f"/o/{secret}", query_string={"frame": "1", "from": site})
    assert f"frame-ancestors {SHOP}" in page.headers["Content-Security-Policy"]
    assert "frame.js" not in page.text
    assert not site or not re.search(f'data-site="{re.escape(site)}"', page.text)


def test_no_cookie_is_set_and_looking_stores_nothing(client, secret):
    for path in (f"/o/{secret}", f"/o/{secret}?frame=1&from={SHOP}"):
        assert "Set-Cookie" not in client.get(path).headers
    assert responses() == []


def test_other_sites_may_run_the_widget_and_load_nothing_else_of_ours(client):
    with client.get("/static/widget.js") as script:
        assert script.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert script.headers["Cache-Control"] == "public, max-age=3600"
    for name in ("frame.js", "pulse.css", "ballot.js"):
        with client.get(f"/static/{name}") as file:
            assert file.headers["Cross-Origin-Resource-Policy"] == "same-origin"
