"""What else could explain a verdict, looked into point by point, each in words. Pure."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from pulse.correlation.ceiling import CEILING
from pulse.dashboards.evidence import Evidence
from pulse.i18n import Lazy, day, language, lazy, listed, month, ngettext, number, percent
from pulse.i18n import gettext as _
from pulse.months import month_of
from pulse.verdicts.models import Verdict
from pulse.verdicts.rules import BLIND, Reason


class State(enum.Enum):
    """How a check came out."""

    PASSED = "passed"
    CAREFUL = "careful"
    OPEN = "open"


STATES: dict[State, Lazy] = {
    State.PASSED: lazy("in order"),
    State.CAREFUL: lazy("be careful"),
    State.OPEN: lazy("not known yet"),
}


@dataclass(frozen=True)
class Check:
    """A question to a verdict and its answer."""

    code: str
    state: State
    question: str
    answer: str


def checks(found: Evidence) -> list[Check]:
    """All that is looked into, in a fixed order; nothing without a verdict."""
    verdict = found.verdict
    if verdict is None:
        return []
    return [
        _compared(verdict),
        _other_fix(found, verdict),
        _asking(found, verdict),
        _room(found, verdict),
        _blind(found, verdict),
        _chance(verdict),
        *_written_down(found),
    ]


def _compared(verdict: Verdict) -> Check:
    question = _("Is there anything to compare with?")

    def told(state: State, answer: str) -> Check:
        return Check("compared", state, question, answer)

    customers, staff = verdict.customer_compared, verdict.staff_compared
    if verdict.reason is Reason.NO_CONTROLS:
        return told(
            State.CAREFUL, _("No: it started everywhere at once, so nothing shows what would have been.")
        )
    if customers is None and staff is None:
        return told(State.OPEN, _("This is told once effects are: from three months and 20 answers on."))
    if not customers and not staff:
        return told(State.CAREFUL, _("No other series was measured before the start as well as since."))
    return told(
        State.PASSED if customers and staff else State.CAREFUL,
        _(
            "Series that no fix touched, measured before the start as well as since: %(customers)s from"
            " customers, %(staff)s from staff.",
            customers=number(customers or 0, 0),
            staff=number(staff or 0, 0),
        ),
    )


def _other_fix(found: Evidence, verdict: Verdict) -> Check:
    question = _("Did something else start at the same time?")
    others = sorted(
        {*found.names.fixes(verdict.alternative_fix), *(f.name(language()) for f in found.rivals)}
    )
    if others:
        quoted = listed([_("“%(name)s”", name=other) for other in others])
        answer = _("Yes: %(fixes)s. What each of them did cannot be told apart for certain.", fixes=quoted)
        return Check("other_fix", State.CAREFUL, question, answer)
    if verdict.reason is Reason.CONFOUNDED:
        answer = _("Yes: another fix began at about the same time in the same places.")
        return Check("other_fix", State.CAREFUL, question, answer)
    answer = _(
        "No other fix on record began within two months of this one, on its irritant and at its places."
    )
    return Check("other_fix", State.PASSED, question, answer)


def _asking(found: Evidence, verdict: Verdict) -> Check:
    question = _("Did the way of asking change?")
    if verdict.reason is Reason.COLLECTION_CHANGE:
        answer = _("Yes, so close to the start that before and after do not compare.")
        return Check("asking", State.CAREFUL, question, answer)
    if found.breaks:
        months = listed([month(day) for day in sorted({one.month for one in found.breaks})])
        answer = _("Yes, in %(months)s. Nothing before is compared with anything after.", months=months)
        return Check("asking", State.PASSED, question, answer)
    return Check("asking", State.PASSED, question, _("No change in the way of asking is on record."))


def _room(found: Evidence, verdict: Verdict) -> Check:
    question = _("Could a rise among staff show at all?")
    before = [
        (value, n)
        for day, value, n in zip(found.staff.months, found.staff.observed, found.staff.n, strict=True)
        if value is not None and day < month_of(found.fix.started)
    ]
    answers = sum(n for _value, n in before)
    level = sum(value * n for value, n in before) / answers if answers else None
    if verdict.reason is Reason.CEILING or (level is not None and level > CEILING):
        answer = _("Hardly: before the start staff already answered near the top of the scale.")
        return Check("room", State.CAREFUL, question, answer)
    if level is None:
        answer = _("From before the start there are not enough answers of these teams to show.")
        return Check("room", State.OPEN, question, answer)
    answer = _("Yes: before the start staff answered %(level)s of 10 on average.", level=number(level))
    return Check("room", State.PASSED, question, answer)


def _blind(found: Evidence, verdict: Verdict) -> Check:
    question = _("Could it have landed where nobody is asked?")
    share = verdict.unsurveyed
    if share is None:
        return Check("blind", State.OPEN, question, _("This is told with the first verdict."))
    if share >= 1:
        answer = _("Yes: none of the places where it could have gone is surveyed.")
        return Check("blind", State.CAREFUL, question, answer)
    if share < 0.01:
        answer = _("No: the fix's teams and all teams up to two hops away are surveyed.")
        return Check("blind", State.PASSED, question, answer)
    answer = _(
        "Possible: %(share)s of the places where it could have gone are not surveyed.", share=percent(share)
    )
    if found.unasked:
        teams = named([team.name(language()) for team in found.unasked])
        answer += " " + _("Nobody asks about it in: %(teams)s.", teams=teams)
    return Check("blind", State.PASSED if share <= BLIND else State.CAREFUL, question, answer)


def named(names: list[str], most: int = 3) -> str:
    """Names in a row; of many the first ones and how many more."""
    if len(names) <= most:
        return listed(names)
    rest = ngettext("%(n)s more", "%(n)s more", len(names) - most)
    return listed([*names[:most], rest])


def _chance(verdict: Verdict) -> Check:
    question = _("Would the same computation see something where nothing was done?")
    if verdict.customer_effect is None and verdict.staff_effect is None:
        return Check("chance", State.OPEN, question, _("There is no figure yet that this could be asked of."))
    answer = _(
        "It is run on made-up fixes too, at places that no fix touched. What it sees there by chance has"
        " widened every range on this page."
    )
    return Check("chance", State.PASSED, question, answer)


def _written_down(found: Evidence) -> Iterable[Check]:
    """Whether the start and the expectation stood fast before the answers came in."""
    fix, question = found.fix, _("Was it all written down beforehand?")
    if fix.registered is not None:
        answer = _(
            "No: the start was found from the answers. Only answers since %(month)s count.",
            month=month(fix.registered),
        )
        yield Check("written_down", State.CAREFUL, question, answer)
    elif fix.frozen_on is not None and fix.frozen_on <= fix.started:
        answer = _("Yes: places and expectation stand fast since %(day)s.", day=day(fix.frozen_on))
        yield Check("written_down", State.PASSED, question, answer)
    elif fix.frozen_on is not None:
        answer = _("Not quite: it was put on record on %(day)s, after its start.", day=day(fix.frozen_on))
        yield Check("written_down", State.CAREFUL, question, answer)
