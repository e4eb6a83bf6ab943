"""Every sentence a verdict is told in, for pages, mails and exports alike (method.md §9).

Effects are told from the reader's point of view: relief for customers is "better off", so its sign turns.
Never "significant", never a correlation coefficient.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pulse.i18n import Lazy, lazy, listed, month, ngettext, number, percent
from pulse.i18n import gettext as _
from pulse.verdicts.changes import Sighting
from pulse.verdicts.effects import Span, Transfer, burden, customers, landing, staff, transfer
from pulse.verdicts.models import ChangeState, FlagState, Verdict
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
    FlagState.OPEN: lazy("still open"),
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

ODDS: tuple[tuple[float, Lazy], ...] = (  # from which probability on one is wrong less than once in so many
    (0.95, lazy("twenty")),
    (0.9, lazy("ten")),
    (0.8, lazy("five")),
)
BEYOND_COUNTING = 6  # powers of ten
NAMED = 3  # teams that a sentence names; more are counted

__all__ = ["Span", "burden", "customers", "landing", "staff"]  # pages take a verdict's figures from here too


@dataclass(frozen=True)
class Sooner:
    """In how many months it would be known if everybody in some teams were asked and answered."""

    months: int
    teams: Sequence[str]


def headline(verdict: Verdict, names: Names | None = None) -> str:
    """The verdict in one plain sentence, with its figures where there are any.

    names -- what its teams are called; without them a displacement is told without saying onto whom
    """
    match verdict.outcome:
        case Outcome.RESOLVED:
            return _resolved(verdict)
        case Outcome.DISPLACED:
            return _displaced(verdict, names or Names())
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


def _displaced(verdict: Verdict, names: Names) -> str:
    relief, share, teams = customers(verdict), carried(verdict), _teams(verdict, names)
    if share is not None and teams:
        return _moved(share, teams, away(verdict.landing_hops), certainty(verdict))
    if relief is None:
        return _("Moved onto staff: customers are better off, but employees now carry the problem.")
    return _(
        "Moved onto staff: customers are %(points)s better off (%(low)s to %(high)s), but employees now"
        " carry the problem.",
        **relief.turned().words,
    )


def carried(verdict: Verdict) -> Transfer | None:
    """How many of every ten points of relief landed on staff; None where that is not to be told.

    It takes both effects, close enough (see transfer), a place where it landed, and no other fix that may
    have put it there.
    """
    relief, landed = customers(verdict), landing(verdict)
    told = verdict.outcome is Outcome.DISPLACED and verdict.landing_team and not verdict.alternative_fix
    return transfer(relief.turned(), landed) if told and relief else None


def _moved(share: Transfer, teams: str, distance: str, odds: str | None) -> str:
    """Of every 10 points so many landed there; "of" becomes "for" where it is not less than was lifted."""
    said = {"teams": teams, "away": distance, "times": odds}
    if odds is None and share.tenths < 10:
        return ngettext(
            "Of every 10 points lifted off customers, about %(n)s landed on %(teams)s, %(away)s.",
            "Of every 10 points lifted off customers, about %(n)s landed on %(teams)s, %(away)s.",
            share.tenths,
            **said,
        )
    if odds is None:
        return _(
            "For every 10 points lifted off customers, about %(tenths)s landed on %(teams)s, %(away)s.",
            tenths=share.tenths,
            **said,
        )
    if share.tenths < 10:
        return ngettext(
            "Of every 10 points lifted off customers, about %(n)s landed on %(teams)s, %(away)s; in saying"
            " that staff pay we would be wrong less than once in %(times)s times.",
            "Of every 10 points lifted off customers, about %(n)s landed on %(teams)s, %(away)s; in saying"
            " that staff pay we would be wrong less than once in %(times)s times.",
            share.tenths,
            **said,
        )
    return _(
        "For every 10 points lifted off customers, about %(tenths)s landed on %(teams)s, %(away)s; in saying"
        " that staff pay we would be wrong less than once in %(times)s times.",
        tenths=share.tenths,
        **said,
    )


def certainty(verdict: Verdict) -> str | None:
    """Less than once in how many times we are wrong to say that staff pay, in words; None above one in five.

    It is the verdict's probability, which came true as often as stated where the truth was known
    (docs/method.md §4): what was said at 0.94 was true in 0.95 of the cases.
    """
    probability = verdict.probability or 0.0
    return next((str(times) for least, times in ODDS if probability > least), None)


def _teams(verdict: Verdict, names: Names) -> str:
    """The teams it landed on, by name where they are few."""
    teams = names.teams(verdict.landing_team)
    if len(teams) <= NAMED:
        return listed(teams)
    return ngettext("%(n)s team", "%(n)s teams", len(teams))


def away(hops: int | None) -> str:
    """How far from the fix, as the end of a sentence."""
    match hops:
        case None:
            return _("at a distance that is not known")
        case 0:
            return _("among those who carry out the fix")
        case 1:
            return _("one hop away")
        case 2:
            return _("two hops away")
        case _:
            return ngettext("%(n)s hop away", "%(n)s hops away", hops)


def both_ranges(verdict: Verdict) -> str | None:
    """The relief behind the share that landed, and how far off that share may be; None where none is told."""
    relief, share = customers(verdict), carried(verdict)
    if relief is None or share is None:
        return None
    return _(
        "Customers are %(points)s better off (%(low)s to %(high)s). With the ranges of both sides taken"
        " together, between %(few)s and %(many)s points landed for every 10 lifted.",
        few=share.low,
        many=share.high,
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


def until_known(verdict: Verdict, sooner: Sooner | None = None) -> str | None:
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
    if sooner is not None and sooner.months < months:
        return ngettext(
            "It takes about %(n)s more month, or about %(fewer)s if everybody in %(teams)s is asked and"
            " answers.",
            "It takes about %(n)s more months, or about %(fewer)s if everybody in %(teams)s is asked and"
            " answers.",
            months,
            fewer=number(sooner.months, 0),
            teams=listed(list(sooner.teams)),
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


def story(verdict: Verdict, names: Names, sooner: Sooner | None = None) -> list[str]:
    """All there is to say about a verdict, the headline first."""
    told = (
        headline(verdict, names),
        both_ranges(verdict) if names.teams(verdict.landing_team) else None,
        where(verdict, names),
        likelihood(verdict),
        until_known(verdict, sooner),
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
