"""An invitation is a link for one answer; what is stored of it opens nothing."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from surveys.invitations import service
from surveys.invitations.models import Interaction, Invitation
from tests.surveys.conftest import OPEN


def invited(database, touchpoint="station", interaction=None):
    with database.writing() as session:
        return service.invite(session, touchpoint, interaction=interaction, happened_on=OPEN.date(), now=OPEN)


def test_only_a_fingerprint_of_the_link_is_stored(sqlite, small_railway):
    token = invited(sqlite)
    with sqlite.reading() as session:
        stored = session.scalars(select(Invitation)).one()
        assert token not in vars(stored).values()
        assert stored.token_hash == service.token_hash(token)
        assert session.scalars(select(Interaction.code)).one().startswith("pulse-")


def test_an_interaction_leads_to_one_link(sqlite, small_railway):
    invited(sqlite, interaction="call-7")
    with pytest.raises(service.AlreadyInvited):
        invited(sqlite, interaction="call-7")


def test_an_unknown_touchpoint_is_refused(sqlite, small_railway):
    with pytest.raises(service.UnknownTouchpoint):
        invited(sqlite, "moon")


def test_a_link_works_for_thirty_days(sqlite, small_railway):
    token = invited(sqlite)
    with sqlite.reading() as session:
        last = OPEN + service.VALID - timedelta(seconds=1)
        assert service.look(session, token, last).happened_on == OPEN.date()
        with pytest.raises(service.NotInvited):
            service.look(session, token, OPEN + service.VALID)
    with sqlite.writing() as session, pytest.raises(service.NotInvited):
        service.spend(session, token, OPEN + service.VALID)


def test_of_many_at_once_one_may_spend_a_link(database, railway):
    token = invited(database)
    won, together = [], threading.Barrier(6)

    def race():
        together.wait()
        try:
            with database.writing() as session:
                service.spend(session, token, OPEN)
            won.append(True)
        except service.NotInvited:
            pass

    racers = [threading.Thread(target=race) for _ in range(6)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert won == [True]
