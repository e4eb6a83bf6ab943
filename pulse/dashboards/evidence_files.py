"""What the page of a fix hands out as files: everything it shows, as tables. Pure but for the words."""

from collections.abc import Sequence

from pulse.dashboards.checks import checks
from pulse.dashboards.evidence import Evidence, ScopePlace
from pulse.dashboards.expectation import compared
from pulse.dashboards.files import About
from pulse.dashboards.series import Series
from pulse.dashboards.timeline import marks
from pulse.exports import Book, Column, Sheet, Value
from pulse.i18n import gettext as _
from pulse.i18n import language
from pulse.organisation.models import Side
from pulse.verdicts import sentences
from pulse.verdicts.effects import Span
from pulse.verdicts.models import Verdict


def fix(found: Evidence, about: About) -> Book:
    """A fix: months of both sides, every verdict, what it rests on, places, expectation, checks and log."""
    told = [(_("Fix"), found.fix.name(language())), *_story(found), *about]
    sheets = [
        _months(found),
        _verdicts(found),
        _places(found),
        _landing(found),
        _expectation(found),
        _checks(found),
        _marks(found),
        _log(found),
    ]
    return Book(f"fix-{found.fix.code}", told, sheets)


def _story(found: Evidence) -> About:
    fix, said = found.fix, []
    if found.verdict is not None:
        story = sentences.story(found.verdict, found.names, found.sooner)
        said.append((_("Verdict"), " ".join(story)))
    for label, text in (
        (_("Asked for by"), fix.requested_by),
        (_("Why it should work"), fix.hypothesis),
        (_("What staff must do now"), fix.staff_task),
    ):
        if text:
            said.append((label, text))
    return said


def _months(found: Evidence) -> Sheet:
    """The series as drawn, one row a month and place of looking."""
    columns = [
        Column("series", _("Series (code)")),
        Column("month", _("Month")),
        Column("score", _("Observed")),
        Column("n", _("Answers (about)")),
        Column("expected", _("Expected without the fix")),
        Column("low", _("from")),
        Column("high", _("to")),
    ]
    series = (
        ("customers", found.customers),
        ("staff", found.staff),
        ("unit", found.unit.series if found.unit else None),
        ("landing", found.landing),
    )
    rows = [row for code, one in series if one is not None for row in _series(code, one)]
    return Sheet("months", _("Month by month"), columns, rows)


def _series(code: str, series: Series) -> list[list[Value]]:
    return [
        [
            code,
            day,
            None if observed is None else round(observed, 2),
            None if observed is None else n,
            expected,
            low,
            high,
        ]
        for day, observed, n, expected, low, high in zip(
            series.months, series.observed, series.n, series.expected, series.low, series.high, strict=True
        )
        if observed is not None or expected is not None
    ]


EFFECTS = ("customer", "staff", "landing")
BASIS = (
    "customer_answers",
    "customer_places",
    "customer_compared",
    "staff_answers",
    "staff_places",
    "staff_compared",
    "months_before",
    "months_since",
)


def _verdicts(found: Evidence) -> Sheet:
    """Every look with its revisions, newest first."""
    points = {"customer": _("Customers"), "staff": _("Teams of the fix"), "landing": _("Where it landed")}
    basis = dict(zip(BASIS, basis_titles(), strict=True))
    columns = [
        Column("as_of", _("At the end of")),
        Column("revision", _("Revision")),
        Column("verdict", _("Verdict (code)")),
        Column("verdict_label", _("Verdict")),
        Column("reason", _("Reason (code)")),
        Column("alternative_fix", _("May be due to (code)")),
        Column("probability", _("Likelihood that staff pay")),
        *(
            Column(f"{name}_{part}", f"{points[name]} ({words})")
            for name in EFFECTS
            for part, words in (("effect", _("points")), ("low", _("from")), ("high", _("to")))
        ),
        Column("landing_team", _("Where it landed (codes)")),
        Column("landing_irritant", _("As which irritant (code)")),
        Column("landing_hops", _("Hops")),
        Column("unsurveyed", _("Share not surveyed")),
        Column("months_missing", _("Months until known")),
        Column("answers_missing", _("Answers missing")),
        Column("first_flagged", _("First flagged")),
        *(Column(code, title) for code, title in basis.items()),
    ]
    return Sheet("verdicts", _("Verdicts"), columns, [_verdict(verdict) for verdict in found.history])


def basis_titles() -> list[str]:
    """What the columns that say what a verdict rests on are called, in their order."""
    return [
        _("Customers' answers since (about)"),
        _("Touchpoints"),
        _("Series beside the customers'"),
        _("Staff's answers since (about)"),
        _("Teams"),
        _("Series beside the staff's"),
        _("Months before the start"),
        _("Months since the start"),
    ]


def _verdict(verdict: Verdict) -> list[Value]:
    return [
        verdict.as_of,
        verdict.revision,
        verdict.outcome.value,
        str(sentences.WORDS[verdict.outcome]),
        verdict.reason.value if verdict.reason else None,
        verdict.alternative_fix,
        verdict.probability,
        *_span(sentences.customers(verdict)),
        *_span(sentences.staff(verdict)),
        *_span(sentences.landing(verdict)),
        verdict.landing_team,
        verdict.landing_irritant,
        verdict.landing_hops,
        verdict.unsurveyed,
        verdict.months_missing,
        verdict.answers_missing,
        verdict.first_flagged,
        *(getattr(verdict, column) for column in BASIS),
    ]


def _span(span: Span | None) -> tuple[Value, Value, Value]:
    return (span.value, span.low, span.high) if span else (None, None, None)


def _places(found: Evidence) -> Sheet:
    columns = [
        Column("kind", _("Kind (code)")),
        Column("place", _("Place (code)")),
        Column("name", _("Place")),
        Column("started", _("Started")),
        Column("stopped", _("Stopped")),
    ]
    places = (("touchpoint", found.touchpoints), ("team", found.teams))
    rows = [row for kind, some in places for row in _scope(kind, some)]
    return Sheet("places", _("Where it acts"), columns, rows)


def _scope(kind: str, places: Sequence[ScopePlace]) -> list[list[Value]]:
    return [[kind, one.place.code, one.place.name(language()), one.started, one.stopped] for one in places]


def _landing(found: Evidence) -> Sheet:
    """The way of the burden, one row a team, the fix's own teams first."""
    columns = [
        Column("step", _("Step (code)")),
        Column("team", _("Team (code)")),
        Column("name", _("Team")),
        Column("irritant", _("As which irritant (code)")),
    ]
    rows: list[list[Value]] = []
    if found.path is not None and found.verdict is not None:
        irritant = found.verdict.landing_irritant
        steps = [("own", found.path.own), *(("between", step) for step in found.path.between)]
        for step, teams in steps:
            rows += [[step, team.code, team.name(language()), None] for team in teams]
        rows += [["landed", team.code, team.name(language()), irritant] for team in found.path.landed]
    return Sheet("landing", _("Where it landed"), columns, rows)


def _expectation(found: Evidence) -> Sheet:
    columns = [
        Column("side", _("Side (code)")),
        Column("expected", _("Expected at launch")),
        Column("effect", _("Happened")),
        Column("low", _("from")),
        Column("high", _("to")),
        Column("comparison", _("In words")),
    ]
    rows: list[list[Value]] = [
        [
            "customers" if one.side is Side.CUSTOMER else "staff",
            one.expected,
            *_span(one.happened),
            one.words,
        ]
        for one in compared(found)
    ]
    return Sheet("expectation", _("Expected, and what happened"), columns, rows)


def _checks(found: Evidence) -> Sheet:
    columns = [
        Column("check", _("Check (code)")),
        Column("state", _("State (code)")),
        Column("question", _("Question")),
        Column("answer", _("Answer")),
    ]
    rows: list[list[Value]] = [
        [check.code, check.state.value, check.question, check.answer] for check in checks(found)
    ]
    return Sheet("checks", _("What could explain it otherwise"), columns, rows)


def _marks(found: Evidence) -> Sheet:
    columns = [
        Column("number", _("Number in the picture")),
        Column("month", _("Month")),
        Column("kind", _("Kind (code)")),
        Column("text", _("What happened")),
    ]
    rows: list[list[Value]] = [[mark.number, mark.month, mark.kind.value, mark.text] for mark in marks(found)]
    return Sheet("marks", _("What happened when"), columns, rows)


def _log(found: Evidence) -> Sheet:
    """What was done to the fix on record; who did it stands on the page, not in a file that travels."""
    columns = [
        Column("day", _("Day")),
        Column("deed", _("What was done")),
        Column("what", _("What changed")),
        Column("before", _("Before")),
        Column("now", _("Now")),
    ]
    rows: list[list[Value]] = []
    for line in found.log:
        head: list[Value] = [line.at.date(), line.deed]
        rows += [[*head, change.what, change.before, change.now] for change in line.changes]
        rows += [] if line.changes else [[*head, None, None, None]]
    return Sheet("log", _("Log"), columns, rows)
