"""Every sentence about a fix that is being put on record: what it could show, and what was done to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.i18n import Lazy, day, language, lazy, listed, month, ngettext, number, points
from pulse.i18n import gettext as _
from pulse.organisation import fixes
from pulse.organisation.fixes import Draft
from pulse.organisation.freezing import Stage
from pulse.organisation.models import Fix, FixDeed, FixEvent, Irritant, Place
from pulse.registering.outlook import SOON, Basis, Outlook, Seen

STAGES: dict[Stage, Lazy] = {
    Stage.PLANNED: lazy("planned"),
    Stage.RUNNING: lazy("running"),
    Stage.STOPPED: lazy("stopped"),
    Stage.WITHDRAWN: lazy("withdrawn before it began"),
}
HEADINGS: dict[Stage, Lazy] = {
    Stage.PLANNED: lazy("Still to start"),
    Stage.RUNNING: lazy("Under way"),
    Stage.STOPPED: lazy("No longer under way"),
    Stage.WITHDRAWN: lazy("Withdrawn before they began"),
}
DEEDS: dict[FixDeed, Lazy] = {
    FixDeed.REGISTERED: lazy("Put on record"),
    FixDeed.EDITED: lazy("Changed"),
    FixDeed.ROLLED_OUT: lazy("Dates of places changed"),
    FixDeed.STOPPED: lazy("Stopped"),
    FixDeed.SUCCESS: lazy("Marked as a success"),
    FixDeed.SUCCESS_WITHDRAWN: lazy("No longer marked as a success"),
}
COLUMNS: dict[str, Lazy] = {
    "name_en": lazy("Name in English"),
    "name_fr": lazy("Name in French"),
    "irritant": lazy("Irritant"),
    "touchpoints": lazy("Touchpoints"),
    "teams": lazy("Teams"),
    "started": lazy("Start"),
    "stopped": lazy("End"),
    "registered": lazy("Put on record late"),
    "owner": lazy("Owner"),
    "requested_by": lazy("Asked for by"),
    "hypothesis": lazy("Why it should work"),
    "staff_task": lazy("What staff must do now"),
    "expected_customer": lazy("Expected for customers"),
    "expected_staff": lazy("Expected for staff"),
    "reason": lazy("Reason"),
    "success_on": lazy("Success"),
}
MOST_NAMED = 4


def named(places: Sequence[Place]) -> str:
    """The names of places; of many the first few, and how many more there are."""
    names = [place.name(language()) for place in places]
    if len(names) <= MOST_NAMED:
        return listed(names)
    more = ngettext("%(n)s more", "%(n)s more", len(names) - MOST_NAMED + 1, n=len(names) - MOST_NAMED + 1)
    return listed([*names[: MOST_NAMED - 1], more])


def rests_on(outlook: Outlook) -> str:
    """How many answers are to be expected, and what tells so."""
    expected = outlook.expected
    if expected.plan is None:
        return _(
            "How soon a burden on staff would show cannot be told: there are no figures of these teams yet,"
            " and nobody is on record as belonging to them."
        )
    teams = ngettext("%(n)s team", "%(n)s teams", expected.plan.teams, n=number(expected.plan.teams, 0))
    answers = _answers(expected.plan.answers)
    if expected.basis is Basis.HEADS:
        return _(
            "There are no figures of these teams on this irritant yet. By their head counts, expect about"
            " %(answers)s a month from each of %(teams)s.",
            answers=answers,
            teams=teams,
        )
    return _(
        "By the figures shown for the last six months: about %(answers)s a month from each of %(teams)s.",
        answers=answers,
        teams=teams,
    )


def _answers(n: float) -> str:
    whole = max(round(n), 1)
    return ngettext("%(n)s answer", "%(n)s answers", whole, n=number(whole, 0))


def shows(seen: Seen) -> str:
    """When a burden of so many points would show."""
    if seen.here is None:
        return _("A burden of %(size)s would not show within two years.", size=points(seen.points))
    after = _months(seen.here)
    if seen.beside is None:
        return _(
            "A burden of %(size)s would show after %(after)s; in a single team beside them, not within two"
            " years.",
            size=points(seen.points),
            after=after,
        )
    return _(
        "A burden of %(size)s would show after %(after)s; in a single team beside them, after %(beside)s.",
        size=points(seen.points),
        after=after,
        beside=_months(seen.beside),
    )


def _months(n: int) -> str:
    return ngettext("%(n)s month", "%(n)s months", n, n=number(n, 0))


def compared(outlook: Outlook) -> str:
    """What the fix will be held against, in words."""
    against = outlook.compared
    parts = [_("with what was before")]
    if against.teams:
        parts.append(
            ngettext(
                "with %(n)s other team that is asked about the same irritant",
                "with %(n)s other teams that are asked about the same irritant",
                against.teams,
                n=number(against.teams, 0),
            )
        )
    if against.touchpoints:
        parts.append(
            ngettext(
                "with customers of %(n)s other touchpoint",
                "with customers of %(n)s other touchpoints",
                against.touchpoints,
                n=number(against.touchpoints, 0),
            )
        )
    if against.in_steps:
        parts.append(_("with its own places that start later"))
    parts.append(_("with other irritants in the same places"))
    return _("The answers will be compared %(parts)s.", parts=listed(parts))


def warnings(outlook: Outlook, k: int) -> list[str]:
    """What stands in the way of a verdict on this fix, the gravest first; k -- the smallest group shown."""
    found = [*_power(outlook), *_comparison(outlook)]
    if outlook.late:
        found.append(
            _(
                "It began before it is put on record, so answers of the months between count as evidence for"
                " nothing: only those from this month on tell what it did, and the verdict is more cautious."
                " Scope and expectation are frozen as soon as it is saved."
            )
        )
    if outlook.few:
        found.append(
            ngettext(
                "%(teams)s has fewer than %(k)s people: its answers count together with those of its unit.",
                "%(teams)s have fewer than %(k)s people each: their answers count together with those of"
                " their unit.",
                len(outlook.few),
                teams=named(outlook.few),
                k=k,
            )
        )
    if outlook.unasked:
        found.append(
            ngettext(
                "%(teams)s has a list of its own and is not asked about this irritant.",
                "%(teams)s have lists of their own and are not asked about this irritant.",
                len(outlook.unasked),
                teams=named(outlook.unasked),
            )
        )
    if outlook.unmet:
        found.append(
            _(
                "Customers of %(places)s are not asked about this irritant: nothing can be told of them.",
                places=named(outlook.unmet),
            )
        )
    if outlook.broken:
        found.append(
            _(
                "A new series of answers begins in %(months)s, and no verdict compares across that. Start"
                " at least three months after it.",
                months=listed([month(first) for first in outlook.broken]),
            )
        )
    return found


def _power(outlook: Outlook) -> list[str]:
    """Where what is worth seeing would show late or never, and what would help."""
    expected = outlook.expected
    if expected.plan is None or not outlook.teams:
        return [] if outlook.teams else [_("No team acts on it: nothing can be told of staff.")]
    if expected.plan.before == 0:
        return [
            _(
                "There are no answers from before the start to compare with. Start it a few months later, so"
                " that these teams can be asked first."
            )
        ]
    large = outlook.seen[-1]
    if large.here is not None and large.here <= SOON:
        return []
    answers = _answers(expected.plan.answers)
    teams = ngettext("%(n)s team", "%(n)s teams", expected.plan.teams, n=number(expected.plan.teams, 0))
    if large.here is None:
        said = _(
            "With %(answers)s a month from %(teams)s you would not see a burden of %(size)s within two"
            " years.",
            answers=answers,
            teams=teams,
            size=points(large.points),
        )
    else:
        said = _(
            "With %(answers)s a month from %(teams)s you would see a burden of %(size)s only after"
            " %(after)s.",
            answers=answers,
            teams=teams,
            size=points(large.points),
            after=_months(large.here),
        )
    return [f"{said} {_help(outlook, large)}"]


def _help(outlook: Outlook, seen: Seen) -> str:
    off = outlook.expected.put_off(seen.points)
    if off is None:
        return _("More teams, or more people of these teams answering, would help.")
    later, after = off
    return _(
        "Starting %(later)s later, with more answers from before, it would show after %(after)s.",
        later=_months(later),
        after=_months(after),
    )


def _comparison(outlook: Outlook) -> list[str]:
    found = []
    if outlook.compared.nothing:
        found.append(
            _(
                "It starts everywhere at once, so there is no other place to compare with. It can then be"
                " said whether this irritant changed against other irritants and against the months before,"
                " but not whether something else changed it everywhere. Let some places start later if you"
                " can."
            )
        )
    for other in outlook.mistaken:
        name = other.fix.name(language())
        when = month(other.fix.started)
        if other.same_irritant and other.months <= 2:
            found.append(
                _(
                    "“%(fix)s” is about the same irritant, in some of the same places, and starts in"
                    " %(month)s: the two cannot be told apart. Keep at least three months between them.",
                    fix=name,
                    month=when,
                )
            )
        elif other.same_irritant:
            found.append(
                _(
                    "“%(fix)s” is about the same irritant, in some of the same places, and starts in"
                    " %(month)s: what each of them did will be hard to tell apart.",
                    fix=name,
                    month=when,
                )
            )
        else:
            found.append(
                _(
                    "“%(fix)s” starts in some of the same places in %(month)s: a burden there could come from"
                    " either.",
                    fix=name,
                    month=when,
                )
            )
    return found


def expected(fix_customer: int | None, fix_staff: int | None) -> str:
    """What is expected for both sides, in words; hundredths of a point."""
    return _(
        "Customers: %(customers)s. Staff: %(staff)s.",
        customers=_bothered(fix_customer),
        staff=_burdened(fix_staff),
    )


def _bothered(change: int | None) -> str:
    if change is None:
        return _("nothing written down")
    if change == 0:
        return _("bothered as much as before")
    size = points(abs(change) / 100)
    return _("%(size)s less bothered", size=size) if change < 0 else _("%(size)s more bothered", size=size)


def _burdened(change: int | None) -> str:
    if change is None:
        return _("nothing written down")
    if change == 0:
        return _("burdened as much as before")
    size = points(abs(change) / 100)
    return _("%(size)s less burdened", size=size) if change < 0 else _("%(size)s more burdened", size=size)


@dataclass(frozen=True)
class Change:
    """What of a fix changed, in words; before is empty where nothing was there."""

    what: str
    before: str
    now: str


@dataclass(frozen=True)
class Line:
    """What was done to a fix: when, by whom (None = Pulse itself), and what changed."""

    at: datetime
    by: str | None
    deed: str
    changes: tuple[Change, ...]


def log(session: Session, fix: Fix) -> list[Line]:
    """All that was done to a fix, the newest first, in words."""
    happened = fixes.events(session, fix)
    if not happened:
        return []
    called = _Called.of(session)
    return [Line(event.at, event.by, _deed(event, fix), called.changes(event)) for event in happened]


def overtaken(session: Session, fix: Fix) -> str:
    """Who changed a fix while somebody else had it open."""
    newest = next(iter(fixes.events(session, fix)), None)
    if newest is None or newest.by is None:
        return _("This fix was changed meanwhile. Compare what is on record with what you typed.")
    return _(
        "%(who)s changed this fix meanwhile. Compare what is on record with what you typed, then save what is"
        " to hold.",
        who=newest.by,
    )


def differences(session: Session, on_record: Draft, typed: Draft) -> list[Change]:
    """What is on record, and what somebody typed that says otherwise."""
    places = {place.id: place for place in session.scalars(select(Place))}
    irritants = {each.id: each for each in session.scalars(select(Irritant))}

    def said(name: str, value: object) -> str:
        if name in ("touchpoints", "teams"):
            chosen = [places[key] for key in places if key in (value or ())]  # type: ignore[operator]
            return listed([place.name(language()) for place in chosen]) or _("by default")
        if isinstance(value, int):
            if name == "irritant_id":
                return irritants[value].label(language())
            return _bothered(value) if name == "expected_customer" else _burdened(value)
        return day(value) if isinstance(value, date) else str(value or "")

    return [
        Change(
            str(COLUMNS[field.name.removesuffix("_id")]),
            said(field.name, getattr(on_record, field.name)),
            said(field.name, getattr(typed, field.name)),
        )
        for field in fields(Draft)
        if getattr(on_record, field.name) != getattr(typed, field.name)
    ]


def _deed(event: FixEvent, fix: Fix) -> str:
    if event.deed is FixDeed.STOPPED:
        after = event.changed.get("stopped", [None, None])[1]
        if after is None:
            return _("Goes on after all")
        if fix.withdrawn:
            return _("Withdrawn before it began")
    return str(DEEDS[event.deed])


@dataclass(frozen=True)
class _Called:
    """What places and irritants are called, by code."""

    places: Mapping[tuple[str, str], str]
    irritants: Mapping[str, str]

    @staticmethod
    def of(session: Session) -> "_Called":
        places = {
            (place.kind.value, place.code): place.name(language()) for place in session.scalars(select(Place))
        }
        irritants = {each.code: each.label(language()) for each in session.scalars(select(Irritant))}
        return _Called(places, irritants)

    def changes(self, event: FixEvent) -> tuple[Change, ...]:
        order = {name: position for position, name in enumerate(COLUMNS)}
        found = sorted(event.changed.items(), key=lambda item: order.get(item[0], len(order)))
        return tuple(
            Change(self._what(name), self._said(name, before), self._said(name, now))
            for name, (before, now) in found
        )

    def _what(self, name: str) -> str:
        column, _kind, code = (*name.split(":", 2), "", "")[:3]
        if not code:
            return str(COLUMNS.get(name, name))
        place = self.places.get((_kind, code), code)
        if column == "started":
            return _("Start: %(place)s", place=place)
        return _("End: %(place)s", place=place)

    def _said(self, name: str, value: object) -> str:
        column, _kind, code = (*name.split(":", 2), "", "")[:3]
        if value is None or value == "":
            return _("with the fix") if code else ""
        if name == "irritant":
            return self.irritants.get(str(value), str(value))
        if name in ("touchpoints", "teams"):
            return self._places(name, value)
        if name == "expected_customer" and isinstance(value, int):
            return _bothered(value)
        if name == "expected_staff" and isinstance(value, int):
            return _burdened(value)
        if column in ("started", "stopped", "registered", "success_on"):
            return _day(value)
        return str(value)

    def _places(self, name: str, codes: object) -> str:
        kind = name.removesuffix("s")
        known = codes if isinstance(codes, Collection) else ()
        names = [self.places.get((kind, str(code)), str(code)) for code in known]
        return listed(names) if names else _("by default")


def _day(value: object) -> str:
    try:
        return day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)
