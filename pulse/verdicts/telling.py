"""What other programs are told of flags, verdicts and successes: published words and figures, nobody's name.

Who owns a flag, who did something and what they wrote stay here; figures are those of the pages, rounded and
pooled. The parts have the names that the API gives them.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from urllib.parse import quote

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from config import settings
from pulse.i18n import speaking
from pulse.organisation.models import Fix, FixEvent
from pulse.verdicts import sentences
from pulse.verdicts.effects import Span
from pulse.verdicts.models import Flag, FlagEvent, FlagState, Verdict
from pulse.verdicts.names import Names, names_in
from pulse.verdicts.rules import Outcome, Reason
from pulse.webhooks import service as webhooks
from pulse.webhooks.events import Event

Data = Mapping[str, object]


def raised(session: Session, flag: Flag, now: datetime) -> None:
    """Tell that a flag was raised, and by which verdict."""
    if webhooks.anybody_wants(session, Event.FLAG_RAISED):
        data = {**_flag(flag), "verdict": _verdict(session, flag.verdict)}
        webhooks.tell(session, Event.FLAG_RAISED, f"flag:{flag.id}:raised", data, now)


def moved(session: Session, flag: Flag, event: FlagEvent, before: FlagState, now: datetime) -> None:
    """Tell that a flag has come further, where it has."""
    if event.state is not before and webhooks.anybody_wants(session, Event.FLAG_CHANGED):
        session.refresh(flag, ["corrective"])
        data = {**_flag(flag), "state_before": before.value}
        webhooks.tell(session, Event.FLAG_CHANGED, f"flag:{flag.id}:event:{event.id}", data, now)


def concluded(session: Session, verdicts: Sequence[Verdict], now: datetime) -> None:
    """Tell those of these verdicts which say something else than the one before of the same fix."""
    if not webhooks.anybody_wants(session, Event.VERDICT_CHANGED):
        return
    for verdict in verdicts:
        before = _before(session, verdict)
        if before != (verdict.outcome, verdict.reason):
            earlier = None if before is None else _judgement(*before)
            data = {**_fix(verdict.fix), "before": earlier, "verdict": _verdict(session, verdict)}
            webhooks.tell(session, Event.VERDICT_CHANGED, f"verdict:{verdict.id}", data, now)


def _before(session: Session, verdict: Verdict) -> tuple[Outcome, Reason | None] | None:
    """What was concluded of a fix before; None = nothing yet."""
    older = or_(
        Verdict.as_of < verdict.as_of,
        and_(Verdict.as_of == verdict.as_of, Verdict.revision < verdict.revision),
    )
    found = session.execute(
        select(Verdict.outcome, Verdict.reason)
        .where(Verdict.fix_id == verdict.fix_id, older)
        .order_by(Verdict.as_of.desc(), Verdict.revision.desc())
        .limit(1)
    ).first()
    return None if found is None else (found.outcome, found.reason)


def succeeded(session: Session, fix: Fix, event: FixEvent, now: datetime) -> None:
    """Tell that a fix was called a success, or is none any longer."""
    kind = Event.SUCCESS if fix.success_on is not None else Event.SUCCESS_WITHDRAWN
    if webhooks.anybody_wants(session, kind):
        data = {**_fix(fix), "success_on": _day(fix.success_on)}
        webhooks.tell(session, kind, f"fix:{fix.id}:event:{event.id}", data, now)


def _fix(fix: Fix) -> dict[str, object]:
    return {
        "fix": {"code": fix.code, "name_en": fix.name_en, "name_fr": fix.name_fr},
        "irritant": fix.irritant.code,
        "page": f"{settings().site_url}/fixes/{quote(fix.code, safe='')}",
    }


def _flag(flag: Flag) -> dict[str, object]:
    return {
        **_fix(flag.fix),
        "page": f"{settings().site_url}/flags/{flag.id}",
        "flag": {
            "id": flag.id,
            "outcome": flag.outcome.value,
            "raised_on": flag.raised_on.isoformat(),
            "state": flag.state.value,
            "decision": flag.decision.value if flag.decision else None,
            "corrective_fix": flag.corrective.code if flag.corrective else None,
            "recheck_on": _day(flag.recheck_on),
        },
    }


def _verdict(session: Session, verdict: Verdict) -> Data:
    names, teams = names_in(session, [verdict]), (verdict.landing_team or "").split("|")
    landing = {
        "teams": teams,
        "irritant": verdict.landing_irritant,
        "hops": verdict.landing_hops,
        "effect": _effect(sentences.landing(verdict)),
    }
    return {
        "as_of": verdict.as_of.isoformat(),
        "revision": verdict.revision,
        **_judgement(verdict.outcome, verdict.reason),
        "probability": verdict.probability,
        "customers": _effect(sentences.customers(verdict)),
        "staff": _effect(sentences.staff(verdict)),
        "landing": landing if verdict.landing_team else None,
        "sentence_en": _sentence(verdict, names, "en"),
        "sentence_fr": _sentence(verdict, names, "fr"),
    }


def _judgement(outcome: Outcome, reason: Reason | None) -> dict[str, object]:
    return {"outcome": outcome.value, "reason": reason.value if reason else None}


def _sentence(verdict: Verdict, names: Names, language: str) -> str:
    with speaking(language):
        return sentences.headline(verdict, names)


def _effect(span: Span | None) -> Data | None:
    return None if span is None else {"effect": span.value, "low": span.low, "high": span.high}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
