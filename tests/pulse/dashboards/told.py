"""A company of three teams whose fixes came to every possible end, told straight into the database."""

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from pulse.ledger.models import ClosedMonth, Extent, ReleasedCell
from pulse.months import between, last_day, month_of, shifted
from pulse.organisation.models import Fix, Irritant, Place, Serving, Side, Supply, Team, Touchpoint
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.verdicts.models import (
    ChangeEvent,
    ChangeSighting,
    ChangeState,
    CounterfactualMonth,
    Flag,
    FlagEvent,
    FlagState,
    Look,
    UnregisteredChange,
    Verdict,
)
from pulse.verdicts.rules import Outcome, Reason

FIRST, MONTHS = date(2024, 1, 1), 24
LAST = last_day(shifted(FIRST, MONTHS - 1))
NOW = datetime(2026, 1, 3, 2, 10, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
ANALYST, EMPLOYEE = "ana@example.org", "eve@example.org"

Figures = tuple[float, float, float] | None

# code, English name, French name, irritant, start (months after the first), outcome, reason, customers, staff
FIXES: tuple[tuple[str, str, str, str, int, Outcome, Reason | None, Figures, Figures], ...] = (
    (
        "refund-48h",
        "Refunds within 48 hours",
        "Remboursement en 48 heures",
        "refunds",
        12,
        Outcome.DISPLACED,
        None,
        (-1.8, -2.4, -1.2),
        (1.9, 1.2, 2.6),
    ),
    (
        "live-displays",
        "Live displays on platforms",
        "Écrans en temps réel sur les quais",
        "info",
        10,
        Outcome.RESOLVED,
        None,
        (-2.1, -2.6, -1.6),
        (-0.1, -0.5, 0.3),
    ),
    (
        "early-doors",
        "Doors close thirty seconds early",
        "Fermeture des portes trente secondes plus tôt",
        "late",
        9,
        Outcome.BACKFIRED,
        None,
        (1.2, 0.7, 1.7),
        (0.4, -0.1, 0.9),
    ),
    (
        "boarding-marks",
        "Boarding marks on the platform",
        "Repères de montée sur les quais",
        "late",
        14,
        Outcome.INEFFECTIVE,
        None,
        (-0.1, -0.4, 0.2),
        (0.0, -0.4, 0.4),
    ),
    (
        "pay-later",
        "Pay later instead of a fine",
        "Régularisation différée au lieu de l’amende",
        "refunds",
        16,
        Outcome.UNDETERMINED,
        Reason.WATCH,
        (-0.9, -1.9, 0.1),
        (0.8, -0.3, 1.9),
    ),
    (
        "warm-rooms",
        "Heated waiting rooms",
        "Salles d’attente chauffées",
        "info",
        22,
        Outcome.UNDETERMINED,
        Reason.TOO_EARLY,
        None,
        None,
    ),
)


def tell(session: Session) -> None:
    """Write the company down: places, irritants, fixes with their verdicts, what may be shown, two people."""
    irritants = _structure(session)
    for position, telling in enumerate(FIXES):
        _fix(session, irritants, position, *telling)
    session.add(
        Fix(
            code="later",
            name_en="A fix that has not started",
            name_fr="Une action qui n’a pas commencé",
            irritant=irritants["info"],
            started=shifted(FIRST, MONTHS + 2),
            owner=None,
        )
    )
    for side in Side:
        for index in range(MONTHS):
            session.add(ClosedMonth(side=side, month=shifted(FIRST, index), closed_at=NOW, digest="-"))
    session.add(Look(as_of=LAST, digest="-", concluded_at=NOW))
    _changes(session, irritants)
    _people(session)


def _changes(session: Session, irritants: dict[str, Irritant]) -> None:
    """Three changes nobody registered: one to be answered, one that was none of theirs, one long gone."""
    for code, more, state, seen in (
        ("refunds", False, ChangeState.OPEN, range(14, MONTHS)),
        ("late", True, ChangeState.NOT_OURS, range(15, MONTHS)),
        ("info", False, ChangeState.OPEN, range(12, 15)),
    ):
        change = UnregisteredChange(irritant=irritants[code], more=more, state=state)
        session.add(change)
        session.flush()
        session.add_all(
            ChangeSighting(
                change_id=change.id,
                as_of=last_day(shifted(FIRST, index)),
                revision=0,
                concluded_at=NOW,
                month=shifted(FIRST, 12),
                earliest=shifted(FIRST, 10 if index < 18 else 11),
                latest=shifted(FIRST, 12),
                evidence=round(1.4 + 0.2 * (index - 12), 1),
            )
            for index in seen
        )
        session.add(ChangeEvent(change_id=change.id, at=NOW, by=None, state=ChangeState.OPEN, comment=""))
        if state is not ChangeState.OPEN:
            session.add(
                ChangeEvent(
                    change_id=change.id, at=NOW, by=ANALYST, state=state, comment="The strike in January."
                )
            )


def _structure(session: Session) -> dict[str, Irritant]:
    teams = {
        code: Team(code=code, name_en=english, name_fr=french, headcount=20)
        for code, english, french in (
            ("counter", "Ticket office, Rennes", "Guichets de Rennes"),
            ("billing", "Billing", "Facturation"),
            ("crew", "Train crews, west", "Équipages ouest"),
        )
    }
    station = Touchpoint(code="station", name_en="Rennes station", name_fr="Gare de Rennes")
    session.add_all([*teams.values(), station])
    session.flush()
    session.add_all(
        [
            Serving(touchpoint_id=station.id, team_id=teams["counter"].id),
            Supply(supplier_id=teams["counter"].id, customer_id=None),
            Supply(supplier_id=teams["billing"].id, customer_id=teams["counter"].id),
        ]
    )
    irritants = {
        code: Irritant(
            code=code,
            label_en=english,
            label_fr=french,
            customer_question_en=f"How much did this bother you: {english}?",
            customer_question_fr=f"À quel point cela vous a-t-il gêné : {french} ?",
            employee_question_en=f"How much does this land on you: {english}?",
            employee_question_fr=f"À quel point cela retombe-t-il sur vous : {french} ?",
        )
        for code, english, french in (
            ("refunds", "Refunds take too long", "Remboursements trop longs"),
            ("info", "No information when trains are late", "Pas d’information en cas de retard"),
            ("late", "Trains run late", "Trains en retard"),
        )
    }
    session.add_all(irritants.values())
    session.flush()
    for number, irritant in enumerate(irritants.values()):
        for place, side in ((station, Side.CUSTOMER), *((team, Side.EMPLOYEE) for team in teams.values())):
            _months(session, place, irritant, side, number)
    return irritants


def _months(session: Session, place: Place, irritant: Irritant, side: Side, number: int) -> None:
    """Released cells of a place: a rise for staff, a fall for customers from month 12; one hidden."""
    for index in range(MONTHS):
        if index == 5:
            continue
        wobble = (index * 7 + number * 3) % 5 * 10
        change = 0 if index < 12 else (-180 if side is Side.CUSTOMER else 150)
        level = 480 if side is Side.CUSTOMER else 320
        session.add(
            ReleasedCell(
                measure_id=irritant.id,
                side=side,
                place_id=place.id,
                extent=Extent.OWN,
                month=shifted(FIRST, index),
                n=140 if side is Side.CUSTOMER else 20,
                score=level + change + wobble,
                step=10,
            )
        )


def _fix(
    session: Session,
    irritants: dict[str, Irritant],
    position: int,
    code: str,
    english: str,
    french: str,
    irritant: str,
    start: int,
    outcome: Outcome,
    reason: Reason | None,
    customers: Figures,
    staff: Figures,
) -> None:
    fix = Fix(
        code=code,
        name_en=english,
        name_fr=french,
        irritant=irritants[irritant],
        started=shifted(FIRST, start),
        owner="omar@example.org" if position % 2 == 0 else None,
        expected_customer=-150,
        expected_staff=0,
    )
    session.add(fix)
    session.flush()
    verdicts = [
        _verdict(fix, index, outcome, reason, customers, staff)
        if index > start + 3
        else _verdict(fix, index, Outcome.UNDETERMINED, Reason.TOO_EARLY, None, None)
        for index in range(start, MONTHS)
    ]
    session.add_all(verdicts)
    session.flush()
    for side, level in ((Side.CUSTOMER, 4.9), (Side.EMPLOYEE, 3.4)):
        for index in range(MONTHS):
            session.add(
                CounterfactualMonth(
                    fix_id=fix.id,
                    side=side,
                    month=shifted(FIRST, index),
                    expected=level,
                    low=level - 0.6,
                    high=level + 0.6,
                )
            )
    if outcome in (Outcome.DISPLACED, Outcome.BACKFIRED):
        _flag(session, fix, verdicts[4])


def _verdict(
    fix: Fix, index: int, outcome: Outcome, reason: Reason | None, customers: Figures, staff: Figures
) -> Verdict:
    landed = outcome is Outcome.DISPLACED
    known = outcome is not Outcome.UNDETERMINED
    nothing = (None, None, None)
    customer_effect, customer_low, customer_high = customers or nothing
    staff_effect, staff_low, staff_high = staff or nothing
    return Verdict(
        fix_id=fix.id,
        as_of=last_day(shifted(FIRST, index)),
        revision=0,
        concluded_at=NOW,
        outcome=outcome,
        reason=reason,
        probability=0.972 if landed else 0.04 if outcome is Outcome.RESOLVED else 0.35,
        customer_effect=customer_effect,
        customer_low=customer_low,
        customer_high=customer_high,
        staff_effect=staff_effect,
        staff_low=staff_low,
        staff_high=staff_high,
        landing_team="billing|counter" if landed else None,
        landing_irritant="refunds" if landed else None,
        landing_hops=1 if landed else None,
        landing_effect=staff_effect if landed else None,
        landing_low=staff_low if landed else None,
        landing_high=staff_high if landed else None,
        unsurveyed=0.18,
        months_missing=None if known else 3,
        answers_missing=None if known else 12,
        first_flagged=last_day(shifted(FIRST, 16)) if landed else None,
        customer_answers=None if customers is None else 560,
        customer_places=None if customers is None else 1,
        customer_compared=None if customers is None else 2,
        staff_answers=None if staff is None else 80,
        staff_places=None if staff is None else 1,
        staff_compared=None if staff is None else 4,
        months_before=between(FIRST, month_of(fix.started)),
        months_since=index - between(FIRST, month_of(fix.started)) + 1,
    )


def _flag(session: Session, fix: Fix, verdict: Verdict) -> None:
    flag = Flag(
        fix_id=fix.id,
        outcome=verdict.outcome,
        raised_on=verdict.as_of,
        verdict_id=verdict.id,
        state=FlagState.OPEN,
        owner=fix.owner,
    )
    session.add(flag)
    session.flush()
    session.add(FlagEvent(flag_id=flag.id, at=NOW, by=None, state=FlagState.OPEN, comment=""))


def _people(session: Session) -> None:
    for email, name, grants in ((ANALYST, "Ana", [Grant.ANALYST]), (EMPLOYEE, "Eve", [])):
        person = people.add(session, email, name=name, language="en", password=PASSWORD)
        for grant in grants:
            people.grant(session, person, grant)
