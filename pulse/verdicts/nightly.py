"""The night: look at the closed months, conclude over all fixes, keep every verdict, raise flags, and ask
about changes that no fix explains.

Computed first and written last, month by month, so a night that is killed anywhere is simply run again:
a month already concluded from the same cells is left alone.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from pulse.correlation import engine
from pulse.correlation.changes import Change
from pulse.correlation.panel import Effect, Finding, Path
from pulse.db import Database
from pulse.months import between, last_day, month_of, shifted
from pulse.organisation.models import Fix, Side
from pulse.verdicts import changes, company, flags, news, rules, success, telling
from pulse.verdicts.changes import Recorded, Sighting
from pulse.verdicts.company import Company, NothingClosed
from pulse.verdicts.models import CounterfactualMonth, Flag, Look, Verdict
from pulse.verdicts.rules import Judgement, Outcome, Reason

__all__ = ["Concluded", "NothingClosed", "correlate"]


@dataclass(frozen=True)
class Concluded:
    """What one look at one month came to."""

    month: date
    verdicts: int
    revised: int
    flags: tuple[str, ...]
    changes: Recorded


@dataclass(frozen=True)
class Known:
    """What earlier looks left behind: last probability of each fix, and when it was first flagged."""

    probabilities: dict[str, float]
    flagged: dict[int, date]


def correlate(
    database: Database,
    *,
    as_of: date | None = None,
    replay: bool = False,
    executor: Executor | None = None,
    now: datetime | None = None,
    progress: Callable[[Concluded], None] | None = None,
) -> list[Concluded]:
    """Conclude what is due and return what came of each month; raises NothingClosed.

    as_of -- as if it were that day: only months closed by then
    replay -- every month from the first on, as the scheduler would have; else the last closed month and
              the months since the last look
    executor -- measures the fixes in parts; any number of workers gives the same verdicts

    News goes out for the newest month only: a replayed past is history, not news.
    """
    now = now or datetime.now(UTC)
    with database.reading() as session:
        whole = company.read(session)
        looks = {day: digest for day, digest in session.execute(select(Look.as_of, Look.digest))}
    last = min(whole.last, _last_month(as_of)) if as_of else whole.last
    if last < whole.first:
        raise NothingClosed
    done = []
    newest = max([last, *(month_of(day) for day in looks)])
    for month in _due(whole.first, last, looks, replay=replay):
        digest = whole.digest(month)
        if looks.get(last_day(month)) == digest:
            continue
        findings, sightings = _found(whole, month, executor, charts=month == newest)
        with database.reading() as session:
            known = _known(session, month)
        judged = _judged(whole, findings, known, month)
        with database.writing() as session:
            changed = changes.record(session, last_day(month), sightings, now)
            concluded = _write(
                session, whole, month, digest, judged, known, changed, now, is_news=month == whole.last
            )
        done.append(concluded)
        if progress is not None:
            progress(concluded)
    return done


def _last_month(as_of: date) -> date:
    """The last month that is over on a day."""
    month = month_of(as_of)
    return month if as_of == last_day(month) else shifted(month, -1)


def _due(first: date, last: date, looks: dict[date, str], *, replay: bool) -> Iterable[date]:
    """The months to look at, earliest first."""
    seen = [month_of(day) for day in looks if month_of(day) <= last]
    if not replay:
        first = max(seen) if seen else last
    return (shifted(first, by) for by in range(between(first, last) + 1))


def _found(
    whole: Company, month: date, executor: Executor | None, *, charts: bool
) -> tuple[list[Finding], list[Sighting]]:
    """What a month's look says about each fix, and what changed for customers without any."""
    prepared = engine.prepare(
        whole.staff,
        whole.customers,
        whole.known_at(month),
        whole.chain,
        month=between(whole.first, month),
    )
    findings = engine.concluded(prepared, charts=charts, executor=executor)
    return findings, [_sighting(whole, change) for change in engine.unregistered(prepared)]


def _sighting(whole: Company, change: Change) -> Sighting:
    return Sighting(
        irritant=whole.measures.codes[change.measure],
        more=change.more,
        month=shifted(whole.first, change.month),
        earliest=shifted(whole.first, change.earliest),
        latest=shifted(whole.first, change.latest),
        evidence=_rounded(change.log_evidence / math.log(10.0)),
    )


def _known(session: Session, month: date) -> Known:
    """What the looks before a month left behind."""
    before = (
        select(Fix.code, Verdict.probability)
        .join(Verdict.fix)
        .where(Verdict.as_of < month)
        .order_by(Verdict.as_of, Verdict.revision)
    )
    return Known(
        probabilities={code: p for code, p in session.execute(before) if p is not None},
        flagged=flags.first_raised(session, last_day(month)),
    )


def _judged(
    whole: Company, findings: Sequence[Finding], known: Known, month: date
) -> list[tuple[Finding, Judgement]]:
    """Each finding with its judgement; the prior that staff pay learns from the fixes no longer watched."""
    index = between(whole.first, month)
    over = {fix.code for fix in whole.fixes if fix.start <= index - engine.MONITORED}
    prior = rules.prior(known.probabilities[code] for code in sorted(over & set(known.probabilities)))
    return [(finding, rules.judge(finding, prior=prior)) for finding in findings]


def _write(
    session: Session,
    whole: Company,
    month: date,
    digest: str,
    judged: Sequence[tuple[Finding, Judgement]],
    known: Known,
    changed: Recorded,
    now: datetime,
    *,
    is_news: bool,
) -> Concluded:
    as_of = last_day(month)
    fixes = {fix.code: fix for fix in session.scalars(select(Fix))}
    earlier = {
        verdict.fix_id: verdict
        for verdict in session.scalars(
            select(Verdict).where(Verdict.as_of == as_of).order_by(Verdict.revision)
        )
    }
    revised = 0
    written: list[Verdict] = []
    raised: list[Flag] = []
    for finding, judgement in judged:
        fix = fixes[finding.code]
        values = _values(whole, finding, judgement)
        rests_on = _rests_on(whole, finding)
        old = earlier.get(fix.id)
        if old is not None and all(getattr(old, name) == value for name, value in values.items()):
            continue
        verdict = Verdict(
            fix_id=fix.id,
            as_of=as_of,
            revision=0 if old is None else old.revision + 1,
            concluded_at=now,
            first_flagged=known.flagged.get(fix.id),
            **values,
            **rests_on,
        )
        if verdict.outcome in flags.RAISING and verdict.first_flagged is None:
            verdict.first_flagged = as_of
        session.add(verdict)
        session.flush()
        written.append(verdict)
        revised += old is not None
        flag = flags.raise_for(session, verdict, now)
        if flag is not None:
            raised.append(flag)
    _chart(session, whole, fixes, judged)
    session.merge(Look(as_of=as_of, digest=digest, concluded_at=now))
    _tell(session, raised if is_news else [], now)
    telling.concluded(session, written if is_news else [], now)
    return Concluded(month, len(written), revised, tuple(flag.fix.code for flag in raised), changed)


def _values(whole: Company, finding: Finding, judgement: Judgement) -> dict[str, object]:
    """The columns of a verdict that its numbers fill, rounded as they are published."""
    names: dict[str, object] = {
        "outcome": judgement.outcome,
        "reason": judgement.reason,
        "alternative_fix": finding.rival if _staff_pay(judgement) else None,
        "probability": None if judgement.probability is None else round(judgement.probability, 3),
        "unsurveyed": round(finding.unsurveyed, 3),
        "months_missing": judgement.months_missing,
        "answers_missing": judgement.answers_missing,
        "landing_team": None,
        "landing_irritant": None,
        "landing_hops": None,
    }
    landing = finding.landing if _staff_pay(judgement) else None
    if landing is not None:
        names["landing_team"] = "|".join(sorted(whole.teams.codes[place] for place in landing.places))
        names["landing_irritant"] = whole.measures.codes[landing.measure]
        names["landing_hops"] = landing.hops
    effects = (
        ("customer", finding.customer),
        ("staff", finding.staff),
        ("landing", landing.effect if landing else None),
    )
    for name, effect in effects:
        names |= _published(name, effect)
    return names


def _rests_on(whole: Company, finding: Finding) -> dict[str, object]:
    """The columns that say what a verdict rests on; of no account for whether a verdict has changed.

    Counts are told where the effect of their side is: pooled over 3 months and 20 answers, or not at all.
    Months are the calendar's, so they tell nothing of who answered when.
    """
    start = next(fix.start for fix in whole.fixes if fix.code == finding.code)
    customers = (about(finding.answers_customer), finding.touchpoints, finding.compared_customers)
    staff = (about(finding.answers_staff), finding.teams, finding.compared_staff)
    sides = (("customer", finding.customer, customers), ("staff", finding.staff, staff))
    months: dict[str, object] = {"months_before": max(start, 0), "months_since": finding.months_after}
    return months | {
        f"{name}_{part}": None if effect is None else value
        for name, effect, counts in sides
        for part, value in zip(("answers", "places", "compared"), counts, strict=True)
    }


def about(answers: int) -> int:
    """A number of answers by two digits that count, and never closer than to ten.

    What one month adds to it then says less about that month than its released figure does.
    """
    step = max(10, 10 ** (len(str(answers)) - 2))
    return (answers + step // 2) // step * step


def _staff_pay(judgement: Judgement) -> bool:
    """Whether a place is named: never for less than a verdict that staff pay."""
    return judgement.outcome is Outcome.DISPLACED or judgement.reason is Reason.STAFF_PAY


def _published(name: str, effect: Effect | None) -> dict[str, object]:
    values = (None, None, None) if effect is None else (effect.value, effect.low, effect.high)
    return {
        f"{name}_{part}": None if value is None else _rounded(value)
        for part, value in zip(("effect", "low", "high"), values, strict=True)
    }


def _rounded(value: float) -> float:
    """To one decimal; adding 0.0 turns -0.0 into 0.0, so that no sign is printed on nothing."""
    return round(value, 1) + 0.0


def _chart(
    session: Session, whole: Company, fixes: dict[str, Fix], judged: Sequence[tuple[Finding, Judgement]]
) -> None:
    """Keep what each fix's scope would have scored without it, for the fix page; the last look's only."""
    drawn = [finding for finding, _ in judged if finding.customer_path or finding.staff_path]
    ids = [fixes[finding.code].id for finding in drawn]
    session.execute(delete(CounterfactualMonth).where(CounterfactualMonth.fix_id.in_(ids)))
    rows: list[dict[str, object]] = []
    for finding in drawn:
        sides = (
            (Side.CUSTOMER, finding.customer, finding.customer_path),
            (Side.EMPLOYEE, finding.staff, finding.staff_path),
        )
        for side, effect, path in sides:
            if effect is not None and path is not None:  # pooled over 3 months and 20 answers, or not at all
                rows += _expected(whole.first, fixes[finding.code].id, side, path)
    if rows:
        session.execute(insert(CounterfactualMonth), rows)


def _expected(first: date, fix_id: int, side: Side, path: Path) -> list[dict[str, object]]:
    return [
        {
            "fix_id": fix_id,
            "side": side,
            "month": shifted(first, index),
            "expected": _rounded(expected),
            "low": _rounded(low),
            "high": _rounded(high),
        }
        for index, (expected, low, high) in enumerate(
            zip(path.expected.tolist(), path.low.tolist(), path.high.tolist(), strict=True)
        )
        if expected == expected  # NaN where nothing can be expected
    ]


def _tell(session: Session, raised: Sequence[Flag], now: datetime) -> None:
    """Queue the mails about new flags, and about fixes that are no success any longer."""
    taken_back = {fix.id: fix for fix in success.taken_back(session, now)}
    for flag in raised:
        news.raised(session, flag, now, withdrawn=taken_back.pop(flag.fix_id, None) is not None)
        telling.raised(session, flag, now)
    for fix in taken_back.values():
        verdict = success.may_succeed(session, fix).verdict
        assert verdict is not None  # it is a verdict that took it back
        news.taken_back(session, fix, verdict, now)
