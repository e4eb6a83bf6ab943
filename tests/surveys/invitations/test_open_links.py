"""Open links: worked out, typed by hand, made anew and closed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.invitations import open_links
from surveys.invitations.models import TouchpointSurvey
from surveys.invitations.service import NotInvited
from tests.conftest import SECRET


def test_a_touchpoints_link_leads_to_it_and_can_be_worked_out_again(database, railway):
    station = railway.touchpoints["station"]
    with database.writing() as session:
        made = open_links.make(session, station, key=SECRET)
    assert re.fullmatch("[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}", made)
    with database.reading() as session:
        assert open_links.look(session, made) == open_links.Opened(station.id, False, ())
        assert open_links.secret_now(session, station, key=SECRET) == made
        assert open_links.secret_now(session, station, key="another key of another installation") is None
        assert open_links.secret_now(session, railway.touchpoints["phone"], key=SECRET) is None
        stored = session.get_one(TouchpointSurvey, station.id)
        assert made not in repr(vars(stored))


def test_a_link_is_as_good_typed_with_capitals_or_without_hyphens(database, railway):
    with database.writing() as session:
        made = open_links.make(session, railway.touchpoints["station"], key=SECRET)
    with database.reading() as session:
        for typed in (made.upper(), made.replace("-", ""), made.replace("o", "0").replace("l", "1")):
            assert open_links.look(session, typed).touchpoint_id == railway.touchpoints["station"].id


def test_a_link_made_anew_ends_the_one_before_and_a_closed_one_leads_nowhere(database, railway):
    station = railway.touchpoints["station"]
    with database.writing() as session:
        first, second = (open_links.make(session, station, key=SECRET) for _ in range(2))
        assert first != second
        with pytest.raises(NotInvited):
            open_links.look(session, first)
        open_links.close(session, station)
        with pytest.raises(NotInvited):
            open_links.look(session, second)
        assert open_links.secret_now(session, station, key=SECRET) is None
        assert open_links.make(session, station, key=SECRET) not in (first, second)


@given(st.text(max_size=40))
def test_no_two_touchpoints_or_serials_share_a_link(code):
    links = {
        open_links.secret_of(SECRET, code + end, serial) for end in ("", "\n1", "x") for serial in (1, 11)
    }
    assert len(links) == 6
