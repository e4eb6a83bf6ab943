"""Other programs are told what became of flags, verdicts and successes, and of nobody who did it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from pulse import db
from pulse.organisation.models import Fix
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.verdicts import flags, success, telling
from pulse.verdicts.flags import Step
from pulse.verdicts.models import Decision, Flag, FlagState, Verdict
from pulse.verdicts.rules import Outcome
from pulse.webhooks import service
from pulse.webhooks.events import WANTED, Event
from pulse.webhooks.models import Delivery
from tests.conftest import SECRET
from tests.pulse.dashboards.told import ANALYST, LAST, NOW, tell


@pytest.fixture
def told(database) -> None:
    """The told company, and a webhook that wants to know everything."""
    with db.writing() as session:
        tell(session)
        owner = people.add(session, "otto.owner@example.org", name="Otto Owner")
        people.grant(session, owner, Grant.OWNER)
        service.make(session, "chat", "https://example.org/", WANTED, inwards=(), key=SECRET, now=NOW)


def news(session: Session, event: Event) -> list[dict[str, Any]]:
    rows = select(Delivery.body).where(Delivery.event == event.value).order_by(Delivery.queued_at)
    return [json.loads(body)["data"] for body in session.scalars(rows)]


def test_a_flag_that_comes_further_is_told_without_who_or_what_they_wrote(told):
    with db.writing() as session:
        flag = session.scalars(select(Flag).where(Flag.state == FlagState.OPEN)).first()
        assert flag is not None
        other = session.scalars(select(Fix).where(Fix.id != flag.fix_id)).first()
        assert other is not None
        for minutes, step in enumerate(
            (
                Step(comment="Nina of the night shift told me"),
                Step(state=FlagState.ACKNOWLEDGED, comment="Nina again", owner="otto.owner@example.org"),
                Step(decision=Decision.ADJUST, corrective_id=other.id, recheck_on=NOW.date() + timedelta(90)),
            )
        ):
            flags.take(session, flag, step, by=ANALYST, now=NOW + timedelta(minutes=minutes))
        first, second = news(session, Event.FLAG_CHANGED)
        assert (first["state_before"], first["flag"]["state"]) == ("open", "acknowledged")
        assert second["state_before"] == "acknowledged"
        assert second["flag"] == {
            "id": flag.id,
            "outcome": flag.outcome.value,
            "raised_on": flag.raised_on.isoformat(),
            "state": "acted_on",
            "decision": "adjust",
            "corrective_fix": other.code,
            "recheck_on": (NOW.date() + timedelta(90)).isoformat(),
        }
        assert second["page"].endswith(f"/flags/{flag.id}")
        said = " ".join(session.scalars(select(Delivery.body)))
        assert not [name for name in ("Nina", "Otto", "otto", "ana@", "example.org") if name in said]


def test_a_raised_flag_brings_its_verdict_as_it_is_published(told):
    with db.writing() as session:
        flag = session.scalars(select(Flag).join(Flag.fix).where(Fix.code == "refund-48h")).one()
        for _ in range(2):
            telling.raised(session, flag, NOW)
        (one,) = news(session, Event.FLAG_RAISED)
        assert one["fix"] == {
            "code": "refund-48h",
            "name_en": "Refunds within 48 hours",
            "name_fr": "Remboursement en 48 heures",
        }
        verdict = one["verdict"]
        assert (verdict["outcome"], verdict["reason"]) == ("displaced", None)
        assert verdict["customers"] == {"effect": -1.8, "low": -2.4, "high": -1.2}
        assert verdict["landing"]["teams"]
        assert verdict["sentence_en"] != verdict["sentence_fr"]
        columns = {"squares", "total", "n", "customer_answers", "concluded_at"}
        assert not columns & set(json.dumps(one).replace('"', " ").split())


def test_a_verdict_is_told_where_it_says_something_new(told):
    with db.writing() as session:
        fixes = dict(session.execute(select(Fix.code, Fix.id)).all())
        older = update(Verdict).where(Verdict.as_of < LAST)
        session.execute(older.where(Verdict.fix_id == fixes["refund-48h"]).values(outcome=Outcome.RESOLVED))
        session.execute(delete(Verdict).where(Verdict.as_of < LAST, Verdict.fix_id == fixes["live-displays"]))
        newest = session.scalars(select(Verdict).where(Verdict.as_of == LAST)).all()
        telling.concluded(session, newest, NOW)
        there = {one["fix"]["code"]: one for one in news(session, Event.VERDICT_CHANGED)}
        assert set(there) == {"refund-48h", "live-displays"}
        assert there["refund-48h"]["before"] == {"outcome": "resolved", "reason": None}
        assert there["refund-48h"]["verdict"]["outcome"] == "displaced"
        assert there["live-displays"]["before"] is None


def test_a_success_and_its_end_are_told(told):
    with db.writing() as session:
        fix = session.scalars(select(Fix).where(Fix.code == "live-displays")).one()
        fix.success_on = None
        success.mark(session, fix, by=ANALYST, now=NOW)
        success.withdraw(session, fix, by=ANALYST, now=NOW + timedelta(days=1))
        (one,), (end,) = news(session, Event.SUCCESS), news(session, Event.SUCCESS_WITHDRAWN)
        assert (one["fix"]["code"], one["success_on"], end["success_on"]) == (
            "live-displays",
            "2026-01-03",
            None,
        )


def test_without_webhooks_nothing_is_written(database):
    with db.writing() as session:
        tell(session)
        flag = session.scalars(select(Flag)).first()
        assert flag is not None
        telling.raised(session, flag, NOW)
        telling.concluded(session, session.scalars(select(Verdict)).all(), NOW)
        assert session.scalars(select(Delivery.id)).all() == []
