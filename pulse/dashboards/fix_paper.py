"""A fix on paper, for those who decide about it: everything its page says, from the same evidence."""

from collections.abc import Sequence
from datetime import date

from pulse.dashboards import checks, files
from pulse.dashboards.figures import Row, rows
from pulse.dashboards.queries import Evidence
from pulse.dashboards.series import Series
from pulse.i18n import day, language, listed, month, number, signed
from pulse.i18n import gettext as _
from pulse.paper import COLOURS, INK, MARGIN, RULE, SOFT, Column, Paper
from pulse.verdicts import sentences
from pulse.verdicts.models import Verdict
from pulse.verdicts.sentences import Span

HIGH = 34.0  # millimetres of a curve


def pdf(found: Evidence, *, source: str) -> bytes:
    """The document; source -- organisation and address, at the foot of each page."""
    fix, verdict = found.fix, found.verdict
    paper = Paper(_("Fix “%(name)s”", name=fix.name(language())), source)
    paper.heading(fix.name(language()))
    paper.said(_facts(found), soft=True)
    _verdict(paper, found)
    _series(paper, found)
    _expected(paper, found)
    _landing(paper, found)
    if verdict:
        _rests_on(paper, verdict)
        _checks(paper, found)
        _history(paper, found)
    paper.heading(_("What may be shown"), 1)
    paper.said(files.rule())
    return bytes(paper.output())


def effect(span: Span | None) -> str:
    """An effect with its interval, in figures."""
    if span is None:
        return _("no figure yet")
    return _(
        "%(value)s (%(low)s to %(high)s)",
        value=signed(span.value),
        low=signed(span.low),
        high=signed(span.high),
    )


def _facts(found: Evidence) -> str:
    fix = found.fix
    said = [
        _("Irritant: %(label)s", label=fix.irritant.label(language())),
        _("started %(day)s", day=day(fix.started)),
    ]
    if fix.stopped:
        said.append(_("stopped %(day)s", day=day(fix.stopped)))
    if fix.owner:
        said.append(_("Owner: %(owner)s", owner=fix.owner))
    return " · ".join(said)


def _verdict(paper: Paper, found: Evidence) -> None:
    verdict = found.verdict
    paper.heading(_("Verdict"), 1)
    if verdict is None:
        paper.said(_("There is no verdict yet."), bold=True)
        paper.said(_("A first verdict is possible two months after the start."))
        return
    paper.said(str(sentences.WORDS[verdict.outcome]), bold=True)
    for sentence in sentences.story(verdict, found.names, found.sooner):
        paper.said(sentence)
    paper.said(str(sentences.MEANINGS[verdict.outcome]), soft=True)
    paper.said(_("From all answers up to the end of %(month)s.", month=month(verdict.as_of)), soft=True)
    where = sentences.landing(verdict)
    paper.table(
        [
            Column(_("Change in points of the scale from 0 to 10"), 4),
            Column(_("With its 95%% interval") % {}, 3),
        ],
        [
            [_("Customers"), effect(sentences.customers(verdict))],
            [_("Teams of the fix"), effect(sentences.staff(verdict))],
            *([[_("Staff, where it landed"), effect(where)]] if where else []),
        ],
    )


def _series(paper: Paper, found: Evidence) -> None:
    told = rows(found.customers, found.staff, found.landing)
    paper.heading(_("What happened on both sides"), 1)
    if not told:
        paper.said(_("not enough answers to show"))
    for row in told:
        paper.heading(row.title, 2)
        _curve(paper, row, found.fix.started)
        _months(paper, row.series)


def _months(paper: Paper, series: Series) -> None:
    columns = [
        Column(_("Month"), 3),
        Column(_("Observed"), 2, figures=True),
        Column(_("Answers (about)"), 2, figures=True),
        Column(_("Expected without the fix"), 3, figures=True),
        Column(_("95%% range") % {}, 3, figures=True),
    ]
    paper.table(columns, [_month(series, at) for at in range(len(series.months))], size=8)


def _month(series: Series, at: int) -> list[str]:
    value, expected, low, high = (
        series.observed[at],
        series.expected[at],
        series.low[at],
        series.high[at],
    )
    known = expected is not None and low is not None and high is not None
    return [
        month(series.months[at]),
        _("not enough answers to show") if value is None else number(value),
        "" if value is None else number(series.n[at], 0),
        number(expected) if expected is not None and known else "–",
        _("%(low)s to %(high)s", low=number(low), high=number(high))
        if low is not None and high is not None and known
        else "–",
    ]


def _curve(paper: Paper, row: Row, started: date) -> None:
    """Observed as a solid line, expected as a dashed one, the start as a dotted rule."""
    series, top, left = row.series, paper.get_y(), paper.l_margin + 8
    wide, steps = paper.epw - 10, max(len(series.months) - 1, 1)
    if top + HIGH + 12 > paper.h - MARGIN:
        paper.add_page()
        top = paper.get_y()

    def at(step: float, score: float) -> tuple[float, float]:
        return left + step / steps * wide, top + HIGH - score / 10 * HIGH

    paper.set_line_width(0.15)
    paper.set_draw_color(*RULE)
    paper.set_font(paper.face, "", 6.5)
    paper.set_text_color(*SOFT)
    for score in (0, 5, 10):
        paper.line(*at(0, score), *at(steps, score))
        paper.text(left - 7, at(0, score)[1] + 1, number(score, 0))
    for step, when in enumerate(series.months):
        if when.month == 1:
            paper.text(at(step, 0)[0] - 3, top + HIGH + 3.5, str(when.year))
    ahead = [step for step, when in enumerate(series.months) if when >= started.replace(day=1)]
    if ahead:
        paper.set_draw_color(*INK)
        paper.set_dash_pattern(dash=0.6, gap=0.8)
        paper.line(*at(ahead[0] - 0.5, 0), *at(ahead[0] - 0.5, 10))
        paper.set_dash_pattern()
    paper.set_draw_color(*COLOURS[row.side])
    _line(paper, at, series.expected, width=0.3, dashed=True)
    _line(paper, at, series.observed, width=0.6)
    paper.set_y(top + HIGH + 5)
    paper.said(_("Solid: observed. Dashed: expected without the fix. Dotted: the start."), soft=True)


def _line(paper: Paper, at, values: Sequence[float | None], *, width: float, dashed: bool = False) -> None:  # type: ignore[no-untyped-def]
    paper.set_line_width(width)
    if dashed:
        paper.set_dash_pattern(dash=1.4, gap=1.0)
    for step in range(1, len(values)):
        before, value = values[step - 1], values[step]
        if before is not None and value is not None:
            paper.line(*at(step - 1, before), *at(step, value))
    paper.set_dash_pattern()


def _expected(paper: Paper, found: Evidence) -> None:
    fix, verdict = found.fix, found.verdict
    paper.heading(_("Expected, and what happened"), 1)

    def written(points: int | None) -> str:
        return _("nothing written down") if points is None else signed(points / 100)

    paper.table(
        [Column("", 3), Column(_("Expected at launch"), 3), Column(_("Happened"), 4)],
        [
            [
                _("Customers"),
                written(fix.expected_customer),
                effect(sentences.customers(verdict) if verdict else None),
            ],
            [_("Staff"), written(fix.expected_staff), effect(sentences.staff(verdict) if verdict else None)],
        ],
    )
    for label, words in (
        (_("Who asked for it: %(words)s", words=fix.requested_by), fix.requested_by),
        (_("Why it should work: %(words)s", words=fix.hypothesis), fix.hypothesis),
        (
            _("What staff must now do that they did not before: %(words)s", words=fix.staff_task),
            fix.staff_task,
        ),
    ):
        if words:
            paper.said(label)


def _landing(paper: Paper, found: Evidence) -> None:
    verdict = found.verdict
    paper.heading(_("Where it landed"), 1)
    if verdict and verdict.landing_team:
        paper.said(sentences.where(verdict, found.names) or "")
    else:
        paper.said(_("No place is named: that takes a verdict that staff pay."))
    for label, places in ((_("Touchpoints"), found.touchpoints), (_("Teams"), found.teams)):
        names = [one.place.name(language()) for one in places]
        paper.said(
            _("%(label)s of the fix: %(names)s", label=label, names=listed(names) if names else _("none"))
        )


def _rests_on(paper: Paper, verdict: Verdict) -> None:
    paper.heading(_("What the verdict rests on"), 1)

    def told(value: int | None) -> str:
        return "–" if value is None else number(value, 0)

    paper.table(
        [Column("", 5), Column(_("Customers"), 2, figures=True), Column(_("Staff"), 2, figures=True)],
        [
            [
                _("Answers since the start (about)"),
                told(verdict.customer_answers),
                told(verdict.staff_answers),
            ],
            [
                _("Places of the fix that were measured"),
                told(verdict.customer_places),
                told(verdict.staff_places),
            ],
            [
                _("Other series to compare with"),
                told(verdict.customer_compared),
                told(verdict.staff_compared),
            ],
            [_("Closed months before the start"), told(verdict.months_before), told(verdict.months_before)],
            [_("Closed months since the start"), told(verdict.months_since), told(verdict.months_since)],
        ],
    )


def _checks(paper: Paper, found: Evidence) -> None:
    paper.heading(_("What else could explain it"), 1)
    paper.table(
        [Column(_("Question"), 4), Column(_("Answer"), 7), Column("", 2)],
        [[one.question, one.answer, str(checks.STATES[one.state])] for one in checks.checks(found)],
        size=8,
    )


def _history(paper: Paper, found: Evidence) -> None:
    paper.heading(_("How the verdict came about"), 1)
    columns = [
        Column(_("At the end of"), 3),
        Column(_("Verdict"), 4),
        Column(_("Customers"), 4),
        Column(_("Staff"), 4),
        Column(_("Staff pay, likely to"), 2, figures=True),
    ]
    paper.table(columns, [_look(past) for past in found.history], size=8)


def _look(past: Verdict) -> list[str]:
    when = month(past.as_of)
    return [
        _("%(month)s, revision %(number)s", month=when, number=past.revision) if past.revision else when,
        str(sentences.WORDS[past.outcome]),
        effect(sentences.customers(past)),
        effect(sentences.burden(past)),
        "–" if past.probability is None else sentences.chance(past.probability),
    ]
