"""What the night's figures say to those who raised an irritant, in plain words. Pure.

Nobody edits these sentences: they follow the newest verdict. Those for customers hold no figure of staff and
no team; those for staff name no team either, for not everybody may read about every team.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pulse.i18n import gettext as _
from pulse.i18n import lazy, month, ngettext, number, signed
from pulse.organisation.models import Side
from pulse.verdicts import sentences
from pulse.verdicts.models import Verdict
from pulse.verdicts.rules import Outcome, Reason
from pulse.verdicts.sentences import Span

PARTS = ("said", "done", "next")
HEADINGS = {
    "said": lazy("You said"),
    "done": lazy("We did"),
    "came": lazy("What came of it"),
    "next": lazy("What comes next"),
}


@dataclass(frozen=True)
class Item:
    """A fix as it is told to one side.

    number -- of the fix, for the address of this very item; irritant -- its label by language
    words -- by part and language: words["said"]["fr"]; an analyst wrote them
    """

    number: int
    side: Side
    irritant: Mapping[str, str]
    started: date
    words: Mapping[str, Mapping[str, str]]
    verdict: Verdict | None

    @property
    def anchor(self) -> str:
        """Where on its page it stands."""
        return f"fix-{self.number}"

    @property
    def outcome(self) -> Outcome:
        """What is concluded; nothing concluded yet is "not yet known"."""
        return self.verdict.outcome if self.verdict else Outcome.UNDETERMINED

    @property
    def word(self) -> str:
        """The verdict's word."""
        return str(sentences.WORDS[self.outcome])

    @property
    def came(self) -> list[str]:
        """What came of it, for the side it is told to."""
        told = [on_customers(self.verdict)]
        if self.side is Side.EMPLOYEE:
            return [*told, on_staff(self.verdict)]
        return [*told, *elsewhere(self.verdict)]

    @property
    def basis(self) -> str | None:
        """Up to when, and on how many answers, the figures stand."""
        return basis(self.verdict, self.side)


def on_customers(verdict: Verdict | None) -> str:
    """The effect on customers."""
    effect = sentences.customers(verdict) if verdict else None
    match verdict.outcome if verdict else Outcome.UNDETERMINED:
        case Outcome.RESOLVED | Outcome.DISPLACED:
            if effect is None:
                return _("It bothers customers less than it would have without the change.")
            return _(
                "It bothers customers less than it would have without the change: by %(points)s on a scale"
                " from 0 to 10 (between %(low)s and %(high)s).",
                **effect.turned().words,
            )
        case Outcome.BACKFIRED:
            if effect is None:
                return _("It bothers customers more than it would have without the change.")
            return _(
                "It bothers customers more than it would have without the change: by %(points)s on a scale"
                " from 0 to 10 (between %(low)s and %(high)s).",
                **effect.words,
            )
        case Outcome.INEFFECTIVE:
            if effect is None:
                return _("It bothers customers as much as it would have without the change.")
            return _(
                "It bothers customers as much as it would have without the change: the difference, on a"
                " scale from 0 to 10, lies between %(low)s and %(high)s.",
                **_around(effect),
            )
        case _:
            return _not_yet(verdict)


def _not_yet(verdict: Verdict | None) -> str:
    months = verdict.months_missing if verdict else None
    if months is None:
        return _("What came of it is not yet known: the answers so far do not allow a conclusion.")
    return ngettext(
        "What came of it is not yet known: it takes about %(n)s more month.",
        "What came of it is not yet known: it takes about %(n)s more months.",
        months,
    )


def elsewhere(verdict: Verdict | None) -> list[str]:
    """What customers hear of staff: that they carry it now, where that is so, and nothing else."""
    if verdict is None or verdict.outcome is not Outcome.DISPLACED:
        return []
    return [_("But it now weighs on the people who work here, so we are not done.")]


def on_staff(verdict: Verdict | None) -> str:
    """The effect on staff: where a burden landed, else on the teams that carry out the fix."""
    if verdict is None or (
        verdict.outcome is Outcome.UNDETERMINED and verdict.reason is not Reason.STAFF_PAY
    ):
        return _("What it means for staff is not yet known.")
    landed, own = sentences.landing(verdict), sentences.staff(verdict)
    if landed is not None:
        return _(
            "Staff carry more where it landed: by %(points)s on a scale from 0 to 10 (between %(low)s and"
            " %(high)s).",
            **landed.words,
        )
    if verdict.outcome is Outcome.DISPLACED or verdict.reason is Reason.STAFF_PAY:
        return _("Staff carry more since then; how much cannot be told yet.")
    if own is None:
        return _("We see no sign that it weighs more on staff.")
    if own.high < 0:
        return _(
            "The teams that carry it out are relieved too: by %(points)s on a scale from 0 to 10 (between"
            " %(low)s and %(high)s).",
            **own.turned().words,
        )
    if own.low > 0:
        return _(
            "The teams that carry it out carry more: by %(points)s on a scale from 0 to 10 (between %(low)s"
            " and %(high)s).",
            **own.words,
        )
    return _(
        "For the teams that carry it out we see no difference: on a scale from 0 to 10 it lies between"
        " %(low)s and %(high)s.",
        **_around(own),
    )


def _around(span: Span) -> dict[str, str]:
    return {"low": signed(span.low), "high": signed(span.high)}


def basis(verdict: Verdict | None, side: Side) -> str | None:
    """Up to when the figures stand, and on about how many answers; None = nothing yet.

    side -- who reads it: customers read nothing of the answers of staff
    """
    if verdict is None:
        return None
    until, customers, staff = month(verdict.as_of), verdict.customer_answers, verdict.staff_answers
    if customers is None:
        return _("As of the end of %(month)s.", month=until)
    if side is Side.CUSTOMER or staff is None:
        return _(
            "As of the end of %(month)s, from about %(n)s answers of customers since the change.",
            month=until,
            n=number(customers, 0),
        )
    return _(
        "As of the end of %(month)s, from about %(n)s answers of customers and %(staff)s of staff since the"
        " change.",
        month=until,
        n=number(customers, 0),
        staff=number(staff, 0),
    )


def expected(month_: date | None) -> str:
    """What is said while nothing is told yet; month_ -- when a first result is possible, None = not known."""
    if month_ is None:
        return _("As soon as the first change has been measured, what came of it is told here.")
    return _("The first results are expected in %(month)s.", month=month(month_))
