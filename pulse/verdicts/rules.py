"""From what a look found to a verdict: resolved, displaced, ineffective, backfired, or not yet known.

Pure: no database, no web. Thresholds are e-values (method.md §4.10), with six changes, chosen on simulated
companies (1,950 harmless and 1,170 displaced fixes) and confirmed on others (docs/method.md):

- a displacement shows within half a year or hardly ever, while what moves by itself goes on moving: the
  evidence asked for of a burden is 8 in the first six months and 50 after them, not 10 throughout;
- relief of customers asks for 7 instead of 5 (fixes without effect that staff pay for were accused by luck);
- harm to customers asks for 20 instead of 10 (it was too often a passing shock);
- "no effect" asks for a probability of 0.65 instead of 0.70 (it is stated too modestly);
- "resolved" asks for a probability of at most 0.13 that staff pay, instead of 0.15 (it was the verdict most
  often wrong);
- the stated probability that staff pay allows for one look in twenty being misled (see staff_pays).

By Ville's inequality a burden is ever falsely seen on at most 1/8 + 1/50 of the fixes, whatever the looks; a
displacement asks for relief of customers besides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pulse.correlation.design import answers_needed, months_needed

if TYPE_CHECKING:
    from pulse.correlation.panel import Finding  # pages read rules too, and load no NumPy for it

FLAG_BURDEN, FLAG_BURDEN_LATE = math.log(8.0), math.log(50.0)
EARLY = 6
FLAG_RELIEF = math.log(7.0)
WATCH = math.log(3.0)
BACKFIRED = math.log(20.0)
STAFF_PAY = math.log(10.0)
UNLIKELY_BURDEN = 0.13
MISLED = 0.05
LIKELY_NO_EFFECT = 0.65
FIRST_VERDICT = 2
FIRST_CALM_VERDICT = 3
BLIND = 0.25
FEWEST_ANSWERS = 20
WORTH_SEEING = 1.5
HALF_A_YEAR, A_YEAR = 6, 12
PRIOR_DISPLACED, PRIOR_WORTH = 3.5, 10.0
PRIOR_RELIEF, PRIOR_WORSE, PRIOR_NOTHING = 0.6, 0.1, 0.3


class Outcome(Enum):
    """What is concluded about a fix."""

    RESOLVED = "resolved"
    DISPLACED = "displaced"
    INEFFECTIVE = "ineffective"
    BACKFIRED = "backfired"
    UNDETERMINED = "undetermined"


class Reason(Enum):
    """Why nothing is known yet, or what else is to be said (staff_pay)."""

    WATCH = "watch"
    STAFF_PAY = "staff_pay"
    TOO_EARLY = "too_early"
    TOO_FEW_ANSWERS = "too_few_answers"
    NO_CONTROLS = "no_controls"
    NOT_SURVEYED = "not_surveyed"
    CEILING = "ceiling"
    CONFOUNDED = "confounded"
    COLLECTION_CHANGE = "collection_change"


@dataclass(frozen=True)
class Judgement:
    """A verdict. probability -- that staff pay for the fix, 0..1

    months_missing, answers_missing -- estimate of what a definite verdict still needs: months at the present
        rate of answers, or answers per team, irritant and month to have it within six months of the start;
        None when the verdict is definite or when more answers would not help
    """

    outcome: Outcome
    reason: Reason | None
    probability: float
    months_missing: int | None = None
    answers_missing: int | None = None

    @property
    def flag(self) -> bool:
        """Whether a flag is to be raised."""
        return self.outcome in (Outcome.DISPLACED, Outcome.BACKFIRED)


def prior(finished: Iterable[float]) -> float:
    """Prior probability that staff pay for a fix, from the last probabilities of the finished fixes.

    0.35 without any; each finished fix moves it as one observation against ten (§4.10).
    """
    known = list(finished)
    return (PRIOR_DISPLACED + sum(known)) / (PRIOR_WORTH + len(known))


def posterior(log_evidence: float, prior: float) -> float:
    """Probability after evidence given as the log of a likelihood ratio."""
    if prior <= 0.0 or prior >= 1.0:
        return prior
    odds = log_evidence + math.log(prior) - math.log1p(-prior)
    return 1.0 / (1.0 + math.exp(-odds)) if odds > -700 else 0.0


def staff_pays(finding: Finding, prior: float) -> float:
    """Probability that staff pay, 0..1, allowing for evidence that has nothing to do with the fix.

    One look in twenty is taken to be misled: something unregistered moved the same teams, or the burden
    landed where nobody asks. It then says nothing, and the prior holds. Without this, what was stated at 0.97
    came true in 0.88 of the cases where unregistered changes fell on the rows of fixes, and in 0.95 where
    they fell anywhere (simulated companies, month 6).
    """
    return (1.0 - MISLED) * posterior(finding.burden, prior) + MISLED * prior


def no_effect(finding: Finding) -> float:
    """Probability that customers noticed nothing, against relief and against harm."""
    logs = (
        math.log(PRIOR_NOTHING), math.log(PRIOR_RELIEF) + finding.relief,
        math.log(PRIOR_WORSE) + finding.worse,
    )  # fmt: skip
    top = max(logs)
    weights = [math.exp(each - top) for each in logs]
    return weights[0] / sum(weights)


def judge(finding: Finding, *, prior: float = PRIOR_DISPLACED / PRIOR_WORTH) -> Judgement:
    """The verdict on a closed month; prior -- probability before evidence that staff pay, see prior()."""
    burdened = staff_pays(finding, prior)
    outcome, reason = decide(finding, burdened)
    if outcome is not Outcome.UNDETERMINED:
        return Judgement(outcome, reason, burdened)
    waits = reason not in (Reason.COLLECTION_CHANGE, Reason.NOT_SURVEYED, Reason.CEILING, Reason.CONFOUNDED)
    return Judgement(
        outcome, reason, burdened,
        months_missing(finding) if waits else None, answers_missing(finding) if waits else None,
    )  # fmt: skip


def decide(finding: Finding, burdened: float) -> tuple[Outcome, Reason | None]:
    """The outcome and its reason; burdened -- probability that staff pay."""
    if finding.months_after < FIRST_VERDICT:
        return Outcome.UNDETERMINED, Reason.TOO_EARLY
    if finding.worse >= BACKFIRED:
        return Outcome.BACKFIRED, staff_pay(finding)
    if moved(finding):
        return Outcome.DISPLACED, None
    if finding.relief >= WATCH and finding.burden >= WATCH:
        return Outcome.UNDETERMINED, Reason.WATCH
    if finding.months_after >= FIRST_CALM_VERDICT:
        if finding.relief >= FLAG_RELIEF and burdened <= UNLIKELY_BURDEN:
            held = held_back(finding)
            return (Outcome.UNDETERMINED, held) if held else (Outcome.RESOLVED, None)
        if no_effect(finding) >= LIKELY_NO_EFFECT:
            return Outcome.INEFFECTIVE, staff_pay(finding)
    return Outcome.UNDETERMINED, why(finding)


def moved(finding: Finding) -> bool:
    """Whether customers were relieved and staff burdened."""
    return finding.relief >= FLAG_RELIEF and finding.burden >= enough_burden(finding)


def enough_burden(finding: Finding) -> float:
    """The log evidence of a burden that an accusation asks for, higher after half a year."""
    return FLAG_BURDEN if finding.months_after <= EARLY else FLAG_BURDEN_LATE


def staff_pay(finding: Finding) -> Reason | None:
    """Said beside a verdict when staff carry a burden although customers gained nothing."""
    return Reason.STAFF_PAY if finding.burden >= STAFF_PAY else None


def held_back(finding: Finding) -> Reason | None:
    """Why a fix that looks resolved is not called so: the burden could hide."""
    if finding.unsurveyed > BLIND:
        return Reason.NOT_SURVEYED
    return Reason.CEILING if finding.ceiling else None


def answers_a_month(finding: Finding) -> float:
    """Answers per team and month on the fix's own teams since the start."""
    return finding.answers_staff / max(finding.teams, 1) / max(finding.months_after, 1)


def months_missing(finding: Finding) -> int | None:
    """Months until a burden of WORTH_SEEING points would show at the present rate of answers (§7).

    None when it never would, or should have within a year that is over: then nobody can say how long.
    """
    needed = months_needed(WORTH_SEEING, answers_a_month(finding), finding.teams, finding.months_before)
    if needed is None or max(needed, A_YEAR) < finding.months_after:
        return None
    return max(needed - finding.months_after, 1)


def answers_missing(finding: Finding) -> int | None:
    """Further answers per team and month that would show such a burden half a year after the start."""
    needed = answers_needed(WORTH_SEEING, finding.teams, finding.months_before, HALF_A_YEAR)
    missing = None if needed is None else needed - math.floor(answers_a_month(finding))
    return missing if missing is not None and missing > 0 else None


def why(finding: Finding) -> Reason:
    """The first thing in the way of a definite verdict: staff's side only once customers are relieved.

    In the first year it may just be too early; after it, waiting alone has not helped: too few answers.
    """
    if finding.changed_collection:
        return Reason.COLLECTION_CHANGE
    if finding.confounded:
        return Reason.CONFOUNDED
    if finding.answers_customer < FEWEST_ANSWERS:
        return Reason.TOO_FEW_ANSWERS
    if not finding.controls:
        return Reason.NO_CONTROLS
    if finding.relief >= FLAG_RELIEF:
        if finding.unsurveyed >= 1.0:
            return Reason.NOT_SURVEYED
        if finding.answers_staff < FEWEST_ANSWERS:
            return Reason.TOO_FEW_ANSWERS
    return Reason.TOO_EARLY if finding.months_after <= A_YEAR else Reason.TOO_FEW_ANSWERS
