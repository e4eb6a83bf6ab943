"""Whether what a folder says holds together, with itself and with what is known: pure, refuses by line."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from pulse.i18n import Lazy, lazy
from pulse.i18n import gettext as _
from pulse.organisation.chain import circles
from pulse.organisation.freezing import FROZEN, is_frozen
from pulse.organisation.models import PlaceKind, Side
from pulse.organisation.scope import Action, Dates, Served, scope
from surveys.imports import values
from surveys.imports.company import Company, FixRow
from surveys.imports.known import Known, KnownFix
from surveys.imports.layouts import ASKED, BREAKS, FIXES, IRRITANTS, ROLLOUTS, TEAMS, TOUCHPOINTS, VALUE_CHAIN
from surveys.imports.refusals import Refusal, Refusals, Wrong, quoted

SUGGESTED = 20  # unknown codes of a kind for which a near one is looked for: each look takes time
KIND_OF = {Side.CUSTOMER: PlaceKind.TOUCHPOINT, Side.EMPLOYEE: PlaceKind.TEAM}

Key = tuple[PlaceKind, str]  # a code may name both a team and a touchpoint


@dataclass(frozen=True)
class Refusing:
    """What is said of a code that nobody knows, where one is needed and where none has to be."""

    needed: Lazy
    optional: Lazy


A_TEAM = Refusing(
    lazy("is no team; name a team of %(where)s"),
    lazy("is no team; name a team of %(where)s or leave it empty"),
)
A_TOUCHPOINT = Refusing(
    lazy("is no touchpoint; name a touchpoint of %(where)s"),
    lazy("is no touchpoint; name a touchpoint of %(where)s or leave it empty"),
)
AN_IRRITANT = Refusing(
    lazy("is no irritant; name an irritant of %(where)s"),
    lazy("is no irritant; name an irritant of %(where)s or leave it empty"),
)
A_FIX = Refusing(
    lazy("is no fix; name a fix of %(where)s"), lazy("is no fix; name a fix of %(where)s or leave it empty")
)


class Codes:
    """The codes of one kind that may be named: those of the folder and those known before.

    complete -- False where rows of the folder's file could not be read: then any code may be meant
    """

    def __init__(
        self, refusal: Refusing, file: str, codes: Collection[str], *, complete: bool = True
    ) -> None:
        self.refusal = refusal
        self.file = file
        self.complete = complete
        self._codes = frozenset(codes)
        self._looks = SUGGESTED

    def __contains__(self, code: str) -> bool:
        return not self.complete or code in self._codes

    def check(self, code: str, *, here: str = "", optional: bool = False, words: bool = True) -> None:
        """Raise Wrong unless a code may be named.

        here -- the file in which it stands; optional -- the column may be left empty
        words -- False where nobody will read them: looking for a near code takes time
        """
        if code in self:
            return
        if not words:
            raise Wrong("")
        said = self.refusal.optional if optional else self.refusal.needed
        where = _("this file") if here == self.file else self.file
        near = values.nearest(code, self._codes) if self._looks else ""
        self._looks = max(0, self._looks - 1)
        raise Wrong(said % {"where": where} + near)


@dataclass(frozen=True)
class Vocabulary:
    """The codes of every kind that a folder may name."""

    teams: Codes
    touchpoints: Codes
    irritants: Codes
    fixes: Codes
    indicators: frozenset[str]


@dataclass(frozen=True)
class Mention:
    """A code named in a row."""

    file: str
    line: int
    column: str
    code: str | None
    codes: Codes
    optional: bool = False


def vocabulary(company: Company, known: Known) -> Vocabulary:
    """The codes of the folder and those known before."""

    def codes(refusal: Refusing, file: str, here: Collection[str], before: Collection[str]) -> Codes:
        complete = file not in company.incomplete
        return Codes(refusal, file, {*here, *before}, complete=complete)

    return Vocabulary(
        codes(A_TEAM, TEAMS.file, company.teams, known.teams),
        codes(A_TOUCHPOINT, TOUCHPOINTS.file, company.touchpoints, known.touchpoints),
        codes(AN_IRRITANT, IRRITANTS.file, company.irritants, known.irritants),
        codes(A_FIX, FIXES.file, company.fixes, known.fixes),
        known.indicators,
    )


def check(company: Company, known: Known, refusals: Refusals, *, replace: bool, today: date) -> None:
    """Refuse every code that nobody knows and everything that contradicts itself.

    replace -- what was frozen at a fix's launch may be written anew
    """
    known_codes = vocabulary(company, known)
    for mention in _mentions(company, known_codes):
        _check_mention(mention, refusals)
    refusals.many(_places(company, known_codes))
    refusals.many(_circles(company, known))
    refusals.many(_taken(company, known))
    refusals.many(_outside_scope(company, known))
    if not replace:
        refusals.many(_frozen(company, known, today))


def _check_mention(mention: Mention, refusals: Refusals) -> None:
    if mention.code is None:
        return
    try:
        mention.codes.check(
            mention.code, here=mention.file, optional=mention.optional, words=not refusals.full
        )
    except Wrong as wrong:
        refusals.value(mention.file, mention.line, mention.column, mention.code, wrong)


def _mentions(company: Company, known: Vocabulary) -> Iterator[Mention]:
    teams, touchpoints, irritants, fixes = known.teams, known.touchpoints, known.irritants, known.fixes
    for team in company.teams.values():
        yield Mention(TEAMS.file, team.line, "parent", team.parent, teams, True)
        yield Mention(TEAMS.file, team.line, "split_from", team.split_from, teams, True)
        yield Mention(TEAMS.file, team.line, "merged_into", team.merged_into, teams, True)
    for touchpoint in company.touchpoints.values():
        for code, line in touchpoint.teams.items():
            yield Mention(TOUCHPOINTS.file, line, "team", code, teams)
    for irritant in company.irritants.values():
        for code in irritant.touchpoints:
            yield Mention(IRRITANTS.file, irritant.line, "touchpoints", code, touchpoints, True)
    for supply in company.supplies:
        yield Mention(VALUE_CHAIN.file, supply.line, "supplier", supply.supplier, teams)
        yield Mention(VALUE_CHAIN.file, supply.line, "customer", supply.customer, teams)
    for asked in company.asked:
        yield Mention(ASKED.file, asked.line, "team", asked.team, teams)
        yield Mention(ASKED.file, asked.line, "irritant", asked.irritant, irritants)
    for fix in company.fixes.values():
        yield Mention(FIXES.file, fix.line, "irritant", fix.irritant, irritants)
        for code in fix.touchpoints:
            yield Mention(FIXES.file, fix.line, "touchpoints", code, touchpoints, True)
        for code in fix.teams:
            yield Mention(FIXES.file, fix.line, "teams", code, teams, True)
    for rollout in company.rollouts:
        yield Mention(ROLLOUTS.file, rollout.line, "fix", rollout.fix, fixes)


def _places(company: Company, known: Vocabulary) -> Iterator[Refusal]:
    """Codes that may name a place of either kind, or an irritant or an indicator."""
    for rollout in company.rollouts:
        if rollout.place not in known.teams and rollout.place not in known.touchpoints:
            reason = _("is neither a team nor a touchpoint; name one of teams.csv or touchpoints.csv")
            yield _refusal(ROLLOUTS.file, rollout.line, "place", rollout.place, reason)
    for mark in company.breaks:
        places = known.teams if mark.side is Side.EMPLOYEE else known.touchpoints
        if mark.place is not None and mark.place not in places:
            yield _refusal(BREAKS.file, mark.line, "place", mark.place, _no_place_of(mark.side))
        measure = mark.measure
        if measure is not None and measure not in known.irritants and measure not in known.indicators:
            reason = _("is no irritant; name an irritant of irritants.csv or leave it empty for all")
            yield _refusal(BREAKS.file, mark.line, "measure", measure, reason)


def _no_place_of(side: Side) -> str:
    if side is Side.EMPLOYEE:
        return _(
            "is no team; employees answer for their team: name one of teams.csv, or leave it empty for all"
        )
    return _(
        "is no touchpoint; customers answer about touchpoints: name one of touchpoints.csv, or leave it empty"
        " for all"
    )


def _refusal(file: str, line: int, column: str, value: str, reason: str) -> Refusal:
    return Refusal(file, line, value, f"{column} {quoted(value)} {reason}")


def _circles(company: Company, known: Known) -> Iterator[Refusal]:
    """Teams above themselves, or that came from or went into themselves."""
    if TEAMS.file in company.incomplete:
        return
    for column, says in HANGS_ON.items():
        for circle in circles(_hangs_on(column, company, known)):
            first = next(place for place, code in enumerate(circle) if code in company.teams)
            turned = [*circle[first:-1], *circle[:first], circle[first]]
            reason = says % {"way": _way(turned)}
            yield _refusal(TEAMS.file, company.teams[turned[0]].line, column, turned[1], reason)


HANGS_ON = {
    "parent": lazy("makes a circle %(way)s; a team cannot be above itself"),
    "split_from": lazy("makes a circle %(way)s; a team cannot be split from itself"),
    "merged_into": lazy("makes a circle %(way)s; a team cannot be merged into itself"),
}


def _hangs_on(column: str, company: Company, known: Known) -> dict[str, str | None]:
    """The team each team hangs on by a column, as it would be after loading."""
    before = {code: getattr(team, column) for code, team in known.teams.items()}
    written = {code: getattr(team, column) for code, team in company.teams.items()}
    return {**written, **before, **written} if column in company.given[TEAMS.file] else before


def _way(circle: list[str]) -> str:
    shown = circle if len(circle) <= 10 else [*circle[:8], "...", circle[-1]]
    return " -> ".join(quoted(code)[1:-1] for code in shown)


def _taken(company: Company, known: Known) -> Iterator[Refusal]:
    for code, irritant in company.irritants.items():
        if code in known.indicators:
            reason = _("is the code of an indicator; give the irritant another one")
            yield _refusal(IRRITANTS.file, irritant.line, "irritant", code, reason)


def _outside_scope(company: Company, known: Known) -> Iterator[Refusal]:
    """Roll-outs of a fix at a place where it does not act."""
    if company.incomplete:
        return
    served = _served(company, known)
    places = {*known.teams, *company.teams, *known.touchpoints, *company.touchpoints}
    scopes: dict[str, frozenset[str]] = {}
    for rollout in company.rollouts:
        fix = company.fixes.get(rollout.fix) or known.fixes.get(rollout.fix)
        if fix is None or rollout.place not in places:
            continue
        if rollout.fix not in scopes:
            found = scope(_action(rollout.fix, fix), served)
            scopes[rollout.fix] = frozenset(code for _, code in (*found.teams, *found.touchpoints))
        if rollout.place not in scopes[rollout.fix]:
            reason = _(
                "is outside the scope of fix %(fix)s; add it there or take the row out",
                fix=quoted(rollout.fix),
            )
            yield _refusal(ROLLOUTS.file, rollout.line, "place", rollout.place, reason)


def _served(company: Company, known: Known) -> Served[Key, str]:
    teams = {**known.touchpoints, **{code: row.teams for code, row in company.touchpoints.items()}}
    met = {**known.irritants, **{code: row.touchpoints for code, row in company.irritants.items()}}
    return Served(
        {_touchpoint(code): [_team(team) for team in serving] for code, serving in teams.items()},
        {irritant: [_touchpoint(code) for code in places] for irritant, places in met.items()},
    )


def _action(code: str, fix: FixRow | KnownFix) -> Action[Key, str]:
    return Action(
        code,
        fix.irritant,
        Dates(fix.started),
        frozenset(_touchpoint(touchpoint) for touchpoint in fix.touchpoints),
        frozenset(_team(team) for team in fix.teams),
    )


def _team(code: str) -> Key:
    return PlaceKind.TEAM, code


def _touchpoint(code: str) -> Key:
    return PlaceKind.TOUCHPOINT, code


def _frozen(company: Company, known: Known, today: date) -> Iterator[Refusal]:
    """Launched fixes whose scope or expectation the folder would change."""
    for code, fix in company.fixes.items():
        before = known.fixes.get(code)
        if before is None or not is_frozen(before.frozen_on, today):
            continue
        given = [column for column in FROZEN if column in company.given[FIXES.file]]
        changed = [column for column in given if _changes(getattr(fix, column), getattr(before, column))]
        if changed:
            reason = _(
                "was frozen at its launch on %(day)s, but this file changes its %(columns)s; load with"
                " --replace to change it all the same",
                day=before.frozen_on,
                columns=_(" and ").join(changed),
            )
            yield _refusal(FIXES.file, fix.line, "fix", code, reason)


def _changes(written: object, before: object) -> bool:
    return frozenset(written) != before if isinstance(written, tuple) else written != before
