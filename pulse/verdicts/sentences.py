"""Every sentence a verdict is told in, for pages, mails and exports alike (method.md §9).

Effects are told from the reader's point of view: relief for customers is "better off", so its sign turns.
Never "significant", never a correlation coefficient.
"""

from dataclasses import dataclass

from pulse.i18n import Lazy, lazy, listed, month, ngettext, number, percent, points
from pulse.i18n import gettext as _
from pulse.verdicts.changes import Sighting
from pulse.verdicts.models import ChangeState, Flag, FlagState, Verdict
from pulse.verdicts.names import Names
from pulse.verdicts.rules import Outcome, Reason

WORDS: dict[Outcome, Lazy] = {
    Outcome.RESOLVED: lazy("resolved for all"),
    Outcome.DISPLACED: lazy("displaced onto staff"),
    Outcome.INEFFECTIVE: lazy("no measured effect"),
    Outcome.BACKFIRED: lazy("worse for customers"),
    Outcome.UNDETERMINED: lazy("not yet known"),
}

MEANINGS: dict[Outcome, Lazy] = {
    Outcome.RESOLVED: lazy(
        "Customers are bothered less than they would have been without the fix, and a burden on staff is"
        " unlikely."
    ),
    Outcome.DISPLACED: lazy(
        "Customers are bothered less, but the problem now lands on employees: in the teams of the fix, in"
        " teams one or two hops away on the value chain, or as another irritant."
    ),
    Outcome.INEFFECTIVE: lazy("Customers are bothered as much as they would have been without the fix."),
    Outcome.BACKFIRED: lazy("Customers are bothered more than they would have been without the fix."),
    Outcome.UNDETERMINED: lazy(
        "There is not enough evidence for any of the other words. This does not mean that nothing happened."
    ),
}

UNKNOWN: dict[Reason | None, Lazy] = {
    None: lazy("Not yet known: the answers so far do not allow a conclusion."),
    Reason.TOO_EARLY: lazy("Not yet known: it is too early to tell."),
    Reason.WATCH: lazy(
        "Not yet known: there are first signs that the problem moved onto staff, too weak to say so."
    ),
    Reason.TOO_FEW_ANSWERS: lazy("Not yet known: there are too few answers so far."),
    Reason.NO_CONTROLS: lazy(
        "Not yet known: the fix started everywhere at once, so there is nothing to compare with."
    ),
    Reason.NOT_SURVEYED: lazy(
        "Not yet known: too many of the places where the problem could have gone are not surveyed."
    ),
    Reason.CEILING: lazy("Not yet known: staff already answer so high that a further rise could not show."),
    Reason.CONFOUNDED: lazy(
        "Not yet known: another fix started at about the same time in the same places, so the two cannot be"
        " told apart."
    ),
    Reason.COLLECTION_CHANGE: lazy(
        "Not yet known: the way answers are collected changed, so before and after do not compare."
    ),
    Reason.STAFF_PAY: lazy("Not yet known for customers, but staff carry a burden since the fix."),
}

STATES: dict[FlagState, Lazy] = {
    FlagState.OPEN: lazy("open"),
    FlagState.ACKNOWLEDGED: lazy("acknowledged"),
    FlagState.ACTED_ON: lazy("acted on"),
    FlagState.CLOSED: lazy("closed"),
}

ANSWERS: dict[ChangeState, Lazy] = {
    ChangeState.OPEN: lazy("not answered yet"),
    ChangeState.OURS: lazy("a fix, still to be put on record"),
    ChangeState.REGISTERED: lazy("a fix, on record by now"),
    ChangeState.NOT_OURS: lazy("no fix of ours"),
}

BEYOND_COUNTING = 6  # powers of ten


@dataclass(frozen=True)
class Span:
    """An effect with its 95 % interval, in points."""

    value: float
    low: float
    high: float

    def turned(self) -> "Span":
        """The same the other way round: a fall of annoyance as relief."""
        return Span(-self.value, -self.high, -self.low)

    @property
    def words(self) -> dict[str, str]:
        """The three figures for a sentence, the first with its unit."""
        return {"points": points(self.value), "low": number(self.low), "high": number(self.high)}


def customers(verdict: Verdict) -> Span | None:
    """The effect on customers; below 0 = relief. None where it is not known or not to be published."""
    return _span(verdict.customer_effect, verdict.customer_low, verdict.customer_high)


def staff(verdict: Verdict) -> Span | None:
    """The effect on the fix's own teams; above 0 = burden."""
    return _span(verdict.staff_effect, verdict.staff_low, verdict.staff_high)


def landing(verdict: Verdict) -> Span | None:
    """The burden where it is said to land."""
    return _span(verdict.landing_effect, verdict.landing_low, verdict.landing_high)


def burden(verdict: Verdict) -> Span | None:
    """The burden to show for a fix: where it landed, else on its own teams."""
    return landing(verdict) or staff(verdict)


def _span(value: float | None, low: float | None, high: float | None) -> Span | None:
    return None if value is None or low is None or high is None else Span(value, low, high)


def headline(verdict: Verdict) -> str:
    """The verdict in one plain sentence, with its figures where there are any."""
    match verdict.outcome:
        case Outcome.RESOLVED:
            return _resolved(verdict)
        case Outcome.DISPLACED:
            return _displaced(verdict)
        case Outcome.INEFFECTIVE:
            return _ineffective(verdict)
        case Outcome.BACKFIRED:
            return _backfired(verdict)
        case _:
            return str(UNKNOWN[verdict.reason])


def _resolved(verdict: Verdict) -> str:
    relief, own = customers(verdict), staff(verdict)
    if relief is None:
        return _("Removed: customers are better off and we see no burden on staff.")
    if own is not None and own.high < 0:
        return _(
            "Removed: customers are %(points)s better off (%(low)s to %(high)s), and so are staff.",
            **relief.turned().words,
        )
    return _(
        "Removed: customers are %(points)s better off (%(low)s to %(high)s) and we see no burden on staff.",
        **relief.turned().words,
    )


def _displaced(verdict: Verdict) -> str:
    relief = customers(verdict)
    if relief is None:
        return _("Moved onto staff: customers are better off, but employees now carry the problem.")
    return _(
        "Moved onto staff: customers are %(points)s better off (%(low)s to %(high)s), but employees now"
        " carry the problem.",
        **relief.turned().words,
    )


def _ineffective(verdict: Verdict) -> str:
    change = customers(verdict)
    if verdict.reason is Reason.STAFF_PAY:
        return _("No measured effect for customers, yet staff carry a burden since the fix.")
    if change is None:
        return _("No measured effect: customers are bothered as much as before.")
    return _(
        "No measured effect: for customers the difference is about nothing (between %(low)s and %(high)s"
        " points).",
        **change.turned().words,
    )


def _backfired(verdict: Verdict) -> str:
    harm = customers(verdict)
    if harm is None:
        return _("Worse for customers: the fix bothers them more than it helps.")
    if verdict.reason is Reason.STAFF_PAY:
        return _(
            "Worse for customers by %(points)s (%(low)s to %(high)s), and staff carry a burden as well.",
            **harm.words,
        )
    return _("Worse for customers by %(points)s (%(low)s to %(high)s).", **harm.words)


def where(verdict: Verdict, names: Names) -> str | None:
    """Where the burden landed: team, distance, irritant and size; None where it is not said to land."""
    found, teams = landing(verdict), names.teams(verdict.landing_team)
    if not teams:
        return None
    said = {
        "teams": listed(teams),
        "irritants": listed(names.irritants(verdict.landing_irritant)),
        "distance": distance(verdict.landing_hops),
    }
    if found is None:
        return _("Where: %(teams)s (%(distance)s), irritant “%(irritants)s”.", **said)
    return _(
        "Where: %(teams)s (%(distance)s), irritant “%(irritants)s”, +%(points)s (%(low)s to %(high)s).",
        **said,
        **found.words,
    )


def distance(hops: int | None) -> str:
    """How far from the fix on the value chain."""
    if hops is None:
        return _("distance not known")
    if hops == 0:
        return _("carries out the fix")
    return ngettext("%(n)s hop away on the value chain", "%(n)s hops away on the value chain", hops)


def likelihood(verdict: Verdict) -> str | None:
    """How likely it is that staff pay; None where nothing was estimated or no place near is surveyed."""
    if verdict.probability is None or (verdict.unsurveyed is not None and verdict.unsurveyed >= 1):
        return None
    return _("Likelihood that staff pay for this fix: %(share)s.", share=chance(verdict.probability))


def chance(probability: float) -> str:
    """A probability as a percentage; what is all but certain is not called certain."""
    if probability > 0.99:
        return _("more than %(share)s", share=percent(0.99))
    if probability < 0.01:
        return _("less than %(share)s", share=percent(0.01))
    return percent(probability)


def until_known(verdict: Verdict) -> str | None:
    """About how long it takes until it is known, and what would shorten that."""
    months, answers = verdict.months_missing, verdict.answers_missing
    if verdict.outcome is not Outcome.UNDETERMINED or (months is None and answers is None):
        return None
    if months is None:
        return ngettext(
            "It takes about %(n)s more answer per team and month to tell.",
            "It takes about %(n)s more answers per team and month to tell.",
            answers or 0,
        )
    if answers is None:
        return ngettext("It takes about %(n)s more month.", "It takes about %(n)s more months.", months)
    return ngettext(
        "It takes about %(n)s more month, or less with about %(answers)s more answers per team and month.",
        "It takes about %(n)s more months, or less with about %(answers)s more answers per team and month.",
        months,
        answers=number(answers, 0),
    )


def rival(verdict: Verdict, names: Names) -> str | None:
    """The other fix that may be the cause as well."""
    others = names.fixes(verdict.alternative_fix)
    if not others:
        return None
    return _("It may as well be due to “%(fix)s”: the answers do not tell the two apart.", fix=listed(others))


def blind_spot(verdict: Verdict) -> str | None:
    """How much of where the burden could have gone nobody is asked about; None below one in a hundred."""
    if verdict.unsurveyed is None or verdict.unsurveyed < 0.01:
        return None
    share = percent(verdict.unsurveyed)
    return _("%(share)s of the places where it could have gone are not surveyed.", share=share)


def story(verdict: Verdict, names: Names) -> list[str]:
    """All there is to say about a verdict, the headline first."""
    told = (
        headline(verdict),
        where(verdict, names),
        likelihood(verdict),
        until_known(verdict),
        rival(verdict, names),
        blind_spot(verdict),
    )
    return [sentence for sentence in told if sentence]


def change(told: Sighting, irritant: str) -> str:
    """What changed for customers and about when; irritant -- its label. Blames nobody, judges nothing."""
    said = {
        "month": month(told.month),
        "earliest": month(told.earliest),
        "latest": month(told.latest),
        "irritant": irritant,
    }
    if told.earliest == told.latest:
        if told.more:
            return _(
                "Something changed in %(month)s: customers are bothered more by “%(irritant)s” since then.",
                **said,
            )
        return _(
            "Something changed in %(month)s: customers are bothered less by “%(irritant)s” since then.",
            **said,
        )
    if told.more:
        return _(
            "Something changed around %(month)s: customers are bothered more by “%(irritant)s” since then"
            " (between %(earliest)s and %(latest)s).",
            **said,
        )
    return _(
        "Something changed around %(month)s: customers are bothered less by “%(irritant)s” since then"
        " (between %(earliest)s and %(latest)s).",
        **said,
    )


def change_question() -> str:
    """What is asked about a change."""
    return _("Was it a fix? Register it.")


def change_evidence(told: Sighting) -> str:
    """How clear a change is."""
    if told.evidence >= BEYOND_COUNTING:
        return _(
            "The answers are more than a million times likelier if something changed than if nothing did."
        )
    times = 10**told.evidence
    digits = 1 - int(told.evidence)  # two that count
    return _(
        "The answers are about %(times)s times likelier if something changed than if nothing did.",
        times=number(round(times, digits), 0),
    )


def flag_mail(flag: Flag, names: Names, *, fix: str, address: str) -> tuple[str, str]:
    """Subject and text of the news of a flag, in the language being spoken.

    fix -- the fix's name; address -- where its page is
    """
    word = str(WORDS[flag.outcome])
    subject = _("“%(fix)s”: %(verdict)s", fix=fix, verdict=word)
    text = _(
        "Hello,\n\nthe night's computation has come to a conclusion about the fix “%(fix)s”:"
        "\n\n%(story)s\n\nThe evidence on both sides, and where to note what you decide:\n%(address)s\n",
        fix=fix,
        story="\n".join(story(flag.verdict, names)),
        address=address,
    )
    return subject, text
