"""Who a person is to a sign-in service, on both engines: linked once, and forgotten with them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from pulse.db import Database
from pulse.people import claims, identities, leavers, service
from pulse.people.claims import Claimed
from pulse.people.models import Identity
from pulse.people.oidc import Refused, Why

ISSUER = "https://login.example.org"


def test_a_subject_is_linked_once_and_forgotten_with_the_person(database: Database):
    today = service.today()
    eve = Claimed("s-1", "EVE@example.org", verified=True)
    with database.writing() as session:
        person_id = service.add(session, "eve@example.org").id
    for _ in range(2):
        with database.writing() as session:
            assert identities.person_of(session, ISSUER, eve, today).id == person_id
    with database.writing() as session, pytest.raises(Refused) as other:
        identities.person_of(session, ISSUER, Claimed("s-2", "eve@example.org", verified=True), today)
    assert other.value.why is Why.TAKEN
    with database.writing() as session:  # another service is another matter
        identities.person_of(
            session, f"{ISSUER}/new", Claimed("s-2", "eve@example.org", verified=True), today
        )
        assert len(identities.of(session, person_id)) == 2
        service.by_id(session, person_id).left_on = today - timedelta(days=400)
        leavers.nightly(session, today, datetime.now(UTC))
    with database.reading() as session:
        assert session.scalars(select(Identity)).all() == []


def test_claims_are_read_as_they_come_or_not_at_all():
    said = {"sub": "s", "groups": ["a", 7, " b ", None, ""], "a.b": "dotted", "deep": {"er": {"est": ["x"]}}}

    def read(groups: str, team: str = "", **more: object) -> Claimed:
        return claims.read(said | more, trust_email=True, groups_claim=groups, team_claim=team)

    assert read("groups").groups == {"a", "b"}
    assert read("a.b").groups == {"dotted"}
    assert read("deep.er.est").groups == {"x"}
    assert (
        read("deep.er.none").groups == read("nowhere.at.all").groups == read("deep.er").groups == frozenset()
    )
    assert (read("", "groups").team, read("", "sub").team, read("", "nowhere").team) == ("a", "s", None)
    assert read("", email="e@x", email_verified="true").verified
    assert not read("", email="e@x", email_verified="yes").verified
    assert read("", email="e@x").verified  # trusted, as the settings say
    for subject in (None, "", 7, "x" * 256, "a\nb"):
        with pytest.raises(claims.NoSubject):
            read("", sub=subject)
