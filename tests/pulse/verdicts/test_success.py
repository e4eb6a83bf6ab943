"""Calling a fix a success: never beside an open flag, whatever is done in which order, and by whom."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse.db import Database
from pulse.months import last_day, shifted
from pulse.organisation.models import Fix, FixDeed, FixEvent, Irritant
from pulse.outbox.models import Message
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.verdicts import flags, news, success
from pulse.verdicts.flags import CannotTake, Overtaken, Step
from pulse.verdicts.models import Decision, Flag, FlagEvent, FlagState, Verdict
from pulse.verdicts.rules import Outcome

NOW = datetime(2026, 6, 4, 2, tzinfo=UTC)
WORDS = {
    f"{what}_{language}": "Waiting"
    for what in ("label", "customer_question", "employee_question")
    for language in ("en", "fr")
}
EMPTY = [column.key for column in Verdict.__table__.columns if column.nullable]


def company(session: Session) -> Fix:
    """One irritant, two fixes and an analyst; the first fix is returned."""
    waiting = Irritant(code="WAIT", **WORDS)
    session.add(waiting)
    session.flush()
    for code in ("A", "B"):
        session.add(
            Fix(
                code=code,
                name_en=f"Fix {code}",
                name_fr=f"Action {code}",
                irritant_id=waiting.id,
                started=date(2025, 1, 1),
                owner="zoe@example.org",
            )
        )
    person = people.add(session, "ana@example.org", name="Ana", language="en")
    people.grant(session, person, Grant.ANALYST)
    return session.scalars(select(Fix).where(Fix.code == "A")).one()


def concluded(session: Session, fix: Fix, outcome: Outcome, month: int = 0) -> Verdict:
    """A verdict about a fix at the end of a month of 2026, as the night writes it, flag and all."""
    as_of = last_day(shifted(date(2026, 1, 1), month))
    number = select(func.count()).where(Verdict.fix_id == fix.id, Verdict.as_of == as_of)
    verdict = Verdict(
        **dict.fromkeys(EMPTY),
        fix_id=fix.id,
        as_of=as_of,
        revision=session.scalar(number) or 0,
        concluded_at=NOW,
        outcome=outcome,
    )
    session.add(verdict)
    session.flush()
    flags.raise_for(session, verdict, NOW)
    return verdict


def deeds(session: Session) -> list[tuple[FixDeed, str | None]]:
    return [(event.deed, event.by) for event in session.scalars(select(FixEvent).order_by(FixEvent.id))]


def test_a_success_stands_on_a_verdict_or_on_a_confirmation(database: Database) -> None:
    with database.writing() as session:
        fix = company(session)
        with pytest.raises(success.NotConfirmed):
            success.mark(session, fix, by="ana@example.org", now=NOW)
        concluded(session, fix, Outcome.INEFFECTIVE)
        with pytest.raises(success.NotConfirmed):
            success.mark(session, fix, by="ana@example.org", now=NOW)
        success.mark(session, fix, by="ana@example.org", now=NOW, confirmed=True)
        success.mark(session, fix, by="bob@example.org", now=NOW)  # twice says it once
        assert success.withdraw(session, fix, by="bob@example.org", now=NOW)
        assert not success.withdraw(session, fix, by="bob@example.org", now=NOW)
        concluded(session, fix, Outcome.RESOLVED, 1)
        success.mark(session, fix, by="ana@example.org", now=NOW)
        assert fix.success_on == date(2026, 6, 4)
        assert deeds(session) == [
            (FixDeed.SUCCESS, "ana@example.org"),
            (FixDeed.SUCCESS_WITHDRAWN, "bob@example.org"),
            (FixDeed.SUCCESS, "ana@example.org"),
        ]


def test_no_success_beside_a_flag_or_against_the_newest_verdict(database: Database) -> None:
    with database.writing() as session:
        fix = company(session)
        concluded(session, fix, Outcome.DISPLACED)
        flag = session.scalars(select(Flag)).one()
        concluded(session, fix, Outcome.RESOLVED, 1)
        with pytest.raises(success.HasOpenFlag) as refused:
            success.mark(session, fix, by="ana@example.org", now=NOW, confirmed=True)
        assert refused.value.flag is flag
        flags.take(session, flag, Step(FlagState.CLOSED, "Settled"), by="ana@example.org", now=NOW)
        success.mark(session, fix, by="ana@example.org", now=NOW)
        concluded(session, fix, Outcome.DISPLACED, 0)  # an old month counted again takes nothing back
        assert fix.success_on is not None
        concluded(session, fix, Outcome.DISPLACED, 2)  # no second flag, but no success either
        assert fix.success_on is None
        assert success.taken_back(session, NOW) == [fix]
        with pytest.raises(success.VerdictAgainst):
            success.mark(session, fix, by="ana@example.org", now=NOW, confirmed=True)


def test_the_night_says_what_it_took_back(database: Database) -> None:
    with database.writing() as session:
        fix = company(session)
        concluded(session, fix, Outcome.RESOLVED)
        success.mark(session, fix, by="ana@example.org", now=NOW - timedelta(days=30))
        verdict = concluded(session, fix, Outcome.BACKFIRED, 1)
        flag = session.scalars(select(Flag)).one()
        news.raised(session, flag, NOW, withdrawn=True)
        flag.owner = fix.owner = None
        news.taken_back(session, fix, verdict, NOW)
        first, second = session.scalars(select(Message).order_by(Message.id))
        assert (first.recipient, second.recipient) == ("zoe@example.org", "ana@example.org")
        assert "Elle n’est plus considérée comme réussie" in first.text  # the organisation's first language
        assert "It is no longer called a success." in second.text
        assert deeds(session)[-1] == (FixDeed.SUCCESS_WITHDRAWN, None)


steps = st.builds(
    Step,
    state=st.sampled_from([None, *FlagState]),
    comment=st.sampled_from(["", " ", "Two more people"]),
    owner=st.sampled_from([None, "ana@example.org", "nobody@example.org"]),
    decision=st.sampled_from([None, *Decision]),
    recheck_on=st.sampled_from([None, date(2026, 1, 1), date(2026, 9, 1)]),
)
months = st.tuples(st.sampled_from(Outcome), st.integers(0, 3))
stories = st.lists(
    st.one_of(
        st.tuples(st.just("step"), steps, st.booleans()),
        st.tuples(st.just("verdict"), months),
        st.tuples(st.just("mark"), st.booleans()),
        st.tuples(st.just("withdraw")),
    ),
    max_size=12,
)


def told(event: FlagEvent) -> tuple[object, ...]:
    return tuple(getattr(event, column.key) for column in FlagEvent.__table__.columns)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories)
def test_no_story_loses_an_event_or_puts_a_success_beside_an_open_flag(
    sqlite: Database, story: list[tuple[object, ...]]
) -> None:
    with Session(sqlite.engine) as session:
        fix = company(session)
        before: list[tuple[object, ...]] = []
        for what, *how in story:
            _act(session, fix, str(what), how)
            now = [told(event) for event in session.scalars(select(FlagEvent).order_by(FlagEvent.id))]
            assert now[: len(before)] == before
            before = now
            standing = success.may_succeed(session, fix)
            if fix.success_on is not None:
                assert standing.flag is None
        for flag in session.scalars(select(Flag)):
            events = flags.events(session, flag)
            assert flag.state is events[-1].state  # what stands is what was said last
            for name in ("owner", "decision", "recheck_on"):
                said = [getattr(event, name) for event in events if getattr(event, name) is not None]
                assert not said or getattr(flag, name) == said[-1]
        session.rollback()


def _act(session: Session, fix: Fix, what: str, how: list[object]) -> None:
    try:
        if what == "verdict":
            concluded(session, fix, *how[0])  # type: ignore[misc]
        elif what == "mark":
            success.mark(session, fix, by="ana@example.org", now=NOW, confirmed=bool(how[0]))
        elif what == "withdraw":
            success.withdraw(session, fix, by="ana@example.org", now=NOW)
        elif flag := session.scalar(select(Flag).order_by(Flag.id.desc()).limit(1)):
            step, stale = how
            assert isinstance(step, Step)
            seen = flags.newest_event(session, flag) - bool(stale)
            flags.take(session, flag, step, by="ana@example.org", now=NOW, seen=seen)
            assert not stale
    except (CannotTake, Overtaken, success.CannotSucceed):
        pass


ROUNDS = 6


def test_marked_and_flagged_at_once_ends_without_a_success(database: Database) -> None:
    with database.writing() as session:
        first = company(session)
        concluded(session, first, Outcome.RESOLVED)
        ids = [first.id]
        for number in range(1, ROUNDS):
            another = Fix(
                code=f"C{number}",
                name_en="C",
                name_fr="C",
                irritant_id=first.irritant_id,
                started=first.started,
            )
            session.add(another)
            session.flush()
            concluded(session, another, Outcome.RESOLVED)
            ids.append(another.id)
    start = threading.Barrier(2)
    unexpected: list[Exception] = []

    def mark() -> None:
        for fix_id in ids:
            start.wait()
            try:
                with database.writing() as session:
                    fix = session.get_one(Fix, fix_id)
                    success.mark(session, fix, by="ana@example.org", now=NOW, confirmed=True)
            except success.CannotSucceed:
                pass
            except Exception as error:
                unexpected.append(error)

    def night() -> None:
        for fix_id in ids:
            start.wait()
            try:
                with database.writing() as session:
                    concluded(session, session.get_one(Fix, fix_id), Outcome.DISPLACED, 1)
            except Exception as error:
                unexpected.append(error)

    both = [threading.Thread(target=work) for work in (mark, night)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert unexpected == []
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Flag)) == ROUNDS
        assert session.scalars(select(Fix.success_on).where(Fix.id.in_(ids))).all() == [None] * ROUNDS
        # Whoever was first: a success that stood for a moment was taken back in so many words.
        said = [deed for deed, _ in deeds(session)]
        assert said.count(FixDeed.SUCCESS) == said.count(FixDeed.SUCCESS_WITHDRAWN)


def test_of_two_who_record_at_once_one_is_told_so(database: Database) -> None:
    with database.writing() as session:
        concluded(session, company(session), Outcome.DISPLACED)
        flag_id = session.scalars(select(Flag.id)).one()
    start = threading.Barrier(2)
    ends: list[str] = []

    def record(decision: Decision) -> None:
        start.wait()
        try:
            with database.writing() as session:
                flag = session.get_one(Flag, flag_id)
                flags.take(session, flag, Step(decision=decision), by="ana@example.org", now=NOW, seen=1)
            ends.append("recorded")
        except Overtaken:
            ends.append("told")

    both = [threading.Thread(target=record, args=[one]) for one in (Decision.KEEP, Decision.ADJUST)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(ends) == ["recorded", "told"]
