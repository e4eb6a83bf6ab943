"""What the pages of fixes and changes hand out as files: the very lines they show. Pure but for the words."""

from collections.abc import Iterable, Sequence

from pulse.dashboards.filters import TABS, Filters, Show
from pulse.dashboards.queries import Line, Standing
from pulse.dashboards.unregistered import Question
from pulse.exports import Book, Column, Sheet, Value
from pulse.i18n import gettext as _
from pulse.i18n import language, listed, month
from pulse.verdicts import sentences
from pulse.verdicts.names import Names
from pulse.verdicts.sentences import Span

About = list[tuple[str, str]]


def rule() -> str:
    """What may be shown at all, in words."""
    return _(
        "Only figures that may be shown are in here. A figure is left out where it, or the rest that remains"
        " when others are taken away from it, is about fewer people than the smallest group. Under 20 answers"
        " a score is rounded to half points and the number of answers to 5; from 20 on a score has one"
        " decimal. What is hidden and what nobody answered look the same."
    )


def about(standing: Standing, *, organisation: str, address: str, chosen: Iterable[str] = ()) -> About:
    """Where a file comes from: whose it is, up to when, of which choice, under which rule; its address."""
    until = month(standing.looked) if standing.looked else _("nothing has been concluded yet")
    return [
        (_("Organisation"), organisation),
        (_("Last month concluded"), until),
        (_("Choice"), listed(list(chosen)) or _("everything")),
        (_("What may be shown"), rule()),
        (_("Address"), address),
        (_("Made by"), "Pulse"),
    ]


def chosen(filters: Filters) -> list[str]:
    """A choice of fixes in words, to be read beside the figures."""
    said = []
    if filters.show is not Show.ALL:
        said.append(str(TABS[filters.show]))
    if filters.search:
        said.append(_("Search: %(words)s", words=filters.search))
    if filters.months:
        said.append(_("Started in the last %(months)s months", months=filters.months))
    for label, value in (
        (_("Touchpoint: %(code)s", code=filters.touchpoint), filters.touchpoint),
        (_("Team: %(code)s", code=filters.team), filters.team),
        (_("Owner: %(owner)s", owner=filters.owner), filters.owner),
    ):
        if value:
            said.append(label)
    return said


def fixes(name: str, lines: Sequence[Line], names: Names, about: About) -> Book:
    """The fixes of a list, one row each."""
    columns = _columns()
    rows = [_row(line, names) for line in lines]
    # A fix without a verdict has nothing in the columns that speak of one.
    return Book(
        name,
        about,
        [Sheet("fixes", _("Fixes"), columns, [row + [None] * (len(columns) - len(row)) for row in rows])],
    )


def _columns() -> list[Column]:
    points = _("points")
    spans = [
        ("customer", _("Customers")),
        ("staff", _("Teams of the fix")),
        ("landing", _("Where it landed")),
    ]
    effects = [
        Column(f"{code}_{part}", f"{side} ({words})")
        for code, side in spans
        for part, words in (("effect", points), ("low", _("from")), ("high", _("to")))
    ]
    return [
        Column("fix", _("Code")),
        Column("name", _("Fix")),
        Column("irritant", _("Irritant (code)")),
        Column("irritant_label", _("Irritant")),
        Column("started", _("Started")),
        Column("stopped", _("Stopped")),
        Column("owner", _("Owner")),
        Column("as_of", _("At the end of")),
        Column("verdict", _("Verdict (code)")),
        Column("verdict_label", _("Verdict")),
        Column("reason", _("Reason (code)")),
        Column("probability", _("Likelihood that staff pay")),
        *effects,
        Column("landing_team", _("Where it landed (codes)")),
        Column("landing_team_name", _("Teams it landed on")),
        Column("landing_irritant", _("As which irritant (code)")),
        Column("landing_hops", _("Hops")),
        Column("flag", _("State of the open flag")),
        Column("first_flagged", _("First flagged")),
    ]


def _row(line: Line, names: Names) -> list[Value]:
    fix, verdict = line.fix, line.verdict
    known: list[Value] = [
        fix.code,
        fix.name(language()),
        fix.irritant.code,
        fix.irritant.label(language()),
        fix.started,
        fix.stopped,
        fix.owner,
    ]
    if verdict is None:
        return known
    return [
        *known,
        verdict.as_of,
        verdict.outcome.value,
        str(sentences.WORDS[verdict.outcome]),
        verdict.reason.value if verdict.reason else None,
        verdict.probability,
        *_span(sentences.customers(verdict)),
        *_span(sentences.staff(verdict)),
        *_span(sentences.landing(verdict)),
        verdict.landing_team,
        " | ".join(names.teams(verdict.landing_team)) or None,
        verdict.landing_irritant,
        verdict.landing_hops,
        line.flag.state.value if line.flag else None,
        verdict.first_flagged,
    ]


def _span(span: Span | None) -> tuple[Value, Value, Value]:
    return (span.value, span.low, span.high) if span else (None, None, None)


def changes(questions: Sequence[Question], about: About) -> Book:
    """The changes that no fix explains, one row each."""
    columns = [
        Column("irritant", _("Irritant (code)")),
        Column("irritant_label", _("Irritant")),
        Column("direction", _("Customers are bothered (code)")),
        Column("month", _("Likeliest month")),
        Column("earliest", _("Between")),
        Column("latest", _("And")),
        Column("state", _("Answer (code)")),
        Column("state_label", _("Answer")),
        Column("first_reported", _("First reported")),
        Column("last_reported", _("Last reported")),
        Column("fix", _("Fix put on record (code)")),
    ]
    return Book(
        "changes", about, [Sheet("changes", _("Changes"), columns, [_change(one) for one in questions])]
    )


def _change(question: Question) -> list[Value]:
    told, change = question.told, question.change
    return [
        question.irritant.code,
        question.irritant.label(language()),
        "more" if told.more else "less",
        told.month,
        told.earliest,
        told.latest,
        change.state.value,
        str(sentences.ANSWERS[change.state]),
        question.history.first,
        question.history.last,
        change.fix.code if change.fix else None,
    ]
