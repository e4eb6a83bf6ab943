"""Whoever left a year ago is forgotten in fixes, flags and changes too, and owns nothing any more."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse import wiring
from pulse.db import Database
from pulse.i18n import speaking
from pulse.organisation.models import Fix, FixDeed, FixEvent
from pulse.people import naming
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.people.naming import FORMER
from pulse.verdicts import flags, news
from pulse.verdicts.flags import Step
from pulse.verdicts.models import ChangeEvent, ChangeState, Flag, FlagEvent, UnregisteredChange
from pulse.verdicts.rules import Outcome
from tests.pulse.verdicts.test_success import company, concluded

NOW = datetime(2026, 6, 4, 2, tzinfo=UTC)
ZOE = "zoé@example.org"


def left(session: Session) -> Flag:
    """Zoé owned a fix and its flag, did all there is to do, and left two years ago."""
    fix = company(session)
    zoe = people.add(session, ZOE, name="Zoé", language="fr")
    people.grant(session, zoe, Grant.OWNER)
    fix.owner, fix.requested_by = "Zoé@example.org", ZOE
    concluded(session, fix, Outcome.DISPLACED)
    flag = session.scalars(select(Flag)).one()
    flags.take(session, flag, Step(comment="It was me", owner=ZOE), by=ZOE, now=NOW)
    changed: dict[str, list[object]] = {"owner": [None, ZOE], "name_en": ["A", f"by {ZOE}"]}
    session.add(FixEvent(fix_id=fix.id, at=NOW, by=ZOE, deed=FixDeed.EDITED, changed=changed))
    change = UnregisteredChange(irritant_id=fix.irritant_id, more=True, state=ChangeState.OPEN)
    session.add(change)
    session.flush()
    session.add(ChangeEvent(change_id=change.id, at=NOW, by=ZOE, state=ChangeState.OPEN, comment="Mine"))
    zoe.left_on = date(2024, 6, 1)
    return flag


def test_a_forgotten_address_is_nowhere_and_what_was_done_stays(database: Database) -> None:
    with database.writing() as session:
        left(session)
    assert "1 people forgotten" in wiring.see_leavers_off(NOW)
    with database.writing() as session:
        flag, fix = session.scalars(select(Flag)).one(), session.scalars(select(Fix).order_by(Fix.id)).first()
        assert fix is not None
        edited = session.scalars(select(FixEvent)).one()
        said = session.scalars(select(FlagEvent).order_by(FlagEvent.id)).all()[-1]
        asked = session.scalars(select(ChangeEvent)).one()
        people_named = (fix.owner, fix.requested_by, flag.owner, said.by, said.owner, edited.by, asked.by)
        assert set(people_named) == {FORMER}
        assert edited.changed["owner"] == [None, FORMER]
        assert said.comment == "It was me"
        assert [reader.address for reader in news.readers(session, flag.owner)] == ["ana@example.org"]
        again = people.add(session, ZOE, name="Another Zoé")
        assert not flags.is_of(flag, again.email)
        called = naming.called(session, [FORMER, "ana@example.org", "x@example.org", None])
        assert [called[who] for who in (FORMER, "ana@example.org", "x@example.org", None)] == [
            "a former colleague",
            "Ana",
            "x@example.org",
            "",
        ]
        with speaking("fr"):
            assert called[FORMER] == "quelqu’un qui a quitté l’organisation"


def test_who_left_is_written_to_no_more_before_being_forgotten(sqlite: Database) -> None:
    with sqlite.writing() as session:
        flag = left(session)
        assert [reader.address for reader in news.readers(session, flag.owner)] == ["ana@example.org"]
