"""Flags as files: the very lines and events their pages show."""

from collections.abc import Sequence

from pulse.dashboards.flag_list import STATES, Choice, Line, State
from pulse.dashboards.flag_page import FlagPage
from pulse.exports import Book, Column, Sheet, Value
from pulse.i18n import gettext as _
from pulse.i18n import language
from pulse.people.naming import Called
from pulse.verdicts import sentences
from pulse.verdicts.flag_words import DECISIONS
from pulse.verdicts.names import Names

About = Sequence[tuple[str, str]]


def chosen(choice: Choice, owner: str) -> list[str]:
    """A choice of flags in words; owner -- how the one chosen is called."""
    said = [] if choice.state is State.ALL else [str(STATES[choice.state])]
    if choice.owner:
        said.append(_("Owner: %(owner)s", owner=owner))
    if choice.months:
        said.append(_("Raised more than %(n)s months ago", n=choice.months))
    if choice.verdict:
        said.append(str(sentences.WORDS[choice.verdict]))
    if choice.touchpoint:
        said.append(_("Touchpoint: %(code)s", code=choice.touchpoint))
    if choice.team:
        said.append(_("Team: %(code)s", code=choice.team))
    return said


def inbox(lines: Sequence[Line], names: Names, called: Called, about: About) -> Book:
    """The flags of the inbox, one row each, in its order."""
    return Book("flags", about, [_flags(lines, names, called)])


def one(found: FlagPage, about: About) -> Book:
    """A flag and what happened to it."""
    columns = [
        Column("at", _("When")),
        Column("by", _("Who")),
        Column("state", _("State (code)")),
        Column("did", _("What was done")),
        Column("comment", _("Comment")),
    ]
    rows: list[list[Value]] = [
        [
            entry.event.at.date(),
            found.called[entry.event.by] if entry.event.by else _("the night's computation"),
            entry.event.state.value,
            "; ".join(entry.said),
            entry.event.comment,
        ]
        for entry in found.entries
    ]
    sheets = [
        _flags([found.line], found.names, found.called),
        Sheet("events", _("What has happened since"), columns, rows),
    ]
    return Book(f"flag-{found.flag.id}", about, sheets)


def _flags(lines: Sequence[Line], names: Names, called: Called) -> Sheet:
    points = _("points")
    effects = [
        Column(f"{code}_{part}", f"{side} ({words})")
        for code, side in (("customer", _("Customers")), ("landing", _("Where it landed")))
        for part, words in (("effect", points), ("low", _("from")), ("high", _("to")))
    ]
    columns = [
        Column("flag", _("Flag")),
        Column("fix", _("Code")),
        Column("name", _("Fix")),
        Column("irritant", _("Irritant (code)")),
        Column("verdict", _("Verdict (code)")),
        Column("verdict_label", _("Verdict")),
        Column("sentence", _("In a sentence")),
        *effects,
        Column("landing_team", _("Where it landed (codes)")),
        Column("landing_team_name", _("Teams it landed on")),
        Column("landing_irritant", _("As which irritant (code)")),
        Column("landing_hops", _("Hops")),
        Column("raised_on", _("Raised")),
        Column("state", _("State (code)")),
        Column("owner", _("Owner")),
        Column("decision", _("Decision")),
        Column("corrective", _("Corrective fix (code)")),
        Column("recheck_on", _("Next check")),
        Column("overdue", _("Check due")),
    ]
    return Sheet("flags", _("Flags"), columns, [_row(line, names, called) for line in lines])


def _row(line: Line, names: Names, called: Called) -> list[Value]:
    flag, verdict = line.flag, line.flag.verdict
    return [
        flag.id,
        flag.fix.code,
        flag.fix.name(language()),
        flag.fix.irritant.code,
        flag.outcome.value,
        str(sentences.WORDS[flag.outcome]),
        sentences.headline(verdict, names),
        verdict.customer_effect,
        verdict.customer_low,
        verdict.customer_high,
        verdict.landing_effect,
        verdict.landing_low,
        verdict.landing_high,
        verdict.landing_team,
        "; ".join(names.teams(verdict.landing_team)) or None,
        verdict.landing_irritant,
        verdict.landing_hops,
        flag.raised_on,
        flag.state.value,
        called[flag.owner] or None,
        str(DECISIONS[flag.decision]) if flag.decision else None,
        flag.corrective.code if flag.corrective else None,
        flag.recheck_on,
        line.overdue,
    ]
