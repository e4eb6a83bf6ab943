"""The forms by which fixes are put on record, changed until launch, rolled out and stopped."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from wtforms import Field, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from pulse.forms import Form, Problem, required
from pulse.i18n import Lazy, language, number
from pulse.i18n import lazy as _
from pulse.organisation.fixes import Draft, Why
from pulse.organisation.models import Irritant, Place, PlaceKind
from pulse.organisation.scope import Dates
from pulse.people.models import Person

LONGEST_NAME, LONGEST_WHO, LONGEST_TEXT = 120, 200, 2000
POINTS = re.compile(r"[0-9]{1,2}(?:[.,][0-9]{1,2})?\Z")
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)
WRITE_DAY = _("Write the day as year-month-day, such as 2027-03-31")
SAY_WHY = _("Say why, so that others understand it later")
TOO_LONG = _("Shorten the text to 2,000 characters")


def parsed_day(text: str | None) -> date | None:
    """The day written in a field, None where it is empty; raises ValueError where it is none."""
    words = (text or "").strip()
    if not words:
        return None
    found = date.fromisoformat(words)
    if not EARLIEST <= found <= LATEST:
        raise ValueError(words)
    return found


def _day(form: Form, field: Field) -> None:
    try:
        parsed_day(field.data)
    except ValueError:
        raise ValidationError(str(WRITE_DAY)) from None


def _points(form: Form, field: Field) -> None:
    words = (field.data or "").strip()
    if not POINTS.match(words) or Decimal(words.replace(",", ".")) > 10:
        raise ValidationError(str(_("Write a number of points from 0 to 10, such as 1.5; 0 = no change")))


def _hundredths(text: str | None) -> int:
    return int(Decimal((text or "0").strip().replace(",", ".")) * 100)


def _places(words: Lazy) -> SelectMultipleField:
    return SelectMultipleField(words, coerce=int)


def _text(words: Lazy, *rules: object) -> TextAreaField:
    return TextAreaField(words, [*rules, Length(max=LONGEST_TEXT, message=TOO_LONG)])


def _name(words: Lazy) -> StringField:
    too_long = _("Shorten the name to 120 characters")
    return StringField(
        words,
        [required(_("Give it a name in both languages")), Length(max=LONGEST_NAME, message=too_long)],
    )


WAYS = {"less": _("less"), "more": _("more")}


class FixForm(Form):
    """What is written down about a fix before launch.

    seen -- which version of the record the reader has in front of them
    corrects -- id of the flag that this fix is to answer
    """

    seen = HiddenField()
    corrects = HiddenField()
    name_en = _name(_("Name in English"))
    name_fr = _name(_("Name in French"))
    irritant = SelectField(_("Irritant"), [required(_("Choose the irritant it is to remove"))])
    started = StringField(_("First day"), [required(_("Say on which day it starts")), _day])
    touchpoints = _places(_("Touchpoints"))
    find_touchpoints = StringField(_("Find touchpoints"))
    teams = _places(_("Teams"))
    find_teams = StringField(_("Find teams"))
    staff_task = _text(
        _("What must staff now do that they did not do before?"),
        required(_("Say what staff must now do; write “nothing” if there is nothing")),
    )
    customer_way = SelectField(_("Customers will be bothered"))
    customer_points = StringField(
        _("Points, customers"), [required(_("Say what you expect for customers; 0 = no change")), _points]
    )
    staff_way = SelectField(_("On staff it will land"))
    staff_points = StringField(
        _("Points, staff"), [required(_("Say what you expect for staff; 0 = no change")), _points]
    )
    hypothesis = _text(_("Why should it work?"))
    owner = SelectField(_("Owner"), [required(_("Choose who looks after it"))])
    requested_by = StringField(
        _("Asked for by"), [Length(max=LONGEST_WHO, message=_("Shorten this to 200 characters"))]
    )

    def offer(
        self, irritants: Sequence[Irritant], places: Sequence[Place], owners: Sequence[Person], owner: str
    ) -> None:
        """Offer what may be chosen; owner -- who looks after it now, even if they may no longer."""
        self.irritant.choices = [SelectChoice("", str(_("choose")))] + [
            SelectChoice(irritant.code, irritant.label(language())) for irritant in irritants
        ]
        for field, kind in ((self.touchpoints, PlaceKind.TOUCHPOINT), (self.teams, PlaceKind.TEAM)):
            field.choices = [
                SelectChoice(place.id, place.name(language())) for place in places if place.kind is kind
            ]
        self.owner.choices = owner_choices(owners, owner)
        for way in (self.customer_way, self.staff_way):
            way.choices = [SelectChoice(value, str(words)) for value, words in WAYS.items()]

    def fill(self, draft: Draft, irritant: str) -> None:
        """Start from what is on record."""
        for name in ("name_en", "name_fr", "staff_task", "hypothesis", "requested_by"):
            self[name].data = getattr(draft, name)
        self.irritant.data, self.owner.data = irritant, draft.owner or ""
        self.started.data = draft.started.isoformat()
        self.touchpoints.data, self.teams.data = sorted(draft.touchpoints), sorted(draft.teams)
        self.expect(draft.expected_customer, draft.expected_staff)

    def expect(self, customer: int | None, staff: int | None) -> None:
        """Start from an expectation, in hundredths of a point."""
        for side, change, otherwise in (("customer", customer, "less"), ("staff", staff, "more")):
            way = otherwise if not change else "less" if change < 0 else "more"
            self[f"{side}_way"].data = way
            decimals = 2 if change and change % 10 else 1
            self[f"{side}_points"].data = "" if change is None else number(abs(change) / 100, decimals)

    def draft(self, irritants: Mapping[str, int]) -> Draft:
        """What was written; only after validate(). irritants -- ids by code"""
        started = parsed_day(self.started.data)
        assert started is not None
        return Draft(
            name_en=_line(self.name_en.data),
            name_fr=_line(self.name_fr.data),
            irritant_id=irritants[self.irritant.data],
            touchpoints=frozenset(self.touchpoints.data or ()),
            teams=frozenset(self.teams.data or ()),
            started=started,
            owner=self.owner.data,
            requested_by=_line(self.requested_by.data),
            hypothesis=_lines(self.hypothesis.data),
            staff_task=_lines(self.staff_task.data),
            expected_customer=self._expected("customer"),
            expected_staff=self._expected("staff"),
        )

    def _expected(self, side: str) -> int:
        size = _hundredths(self[f"{side}_points"].data)
        return -size if self[f"{side}_way"].data == "less" else size

    def refuse(self, place_id: int | None, why: Why) -> None:
        """Say what is wrong with the first day, which only the record can tell."""
        self.started.errors = [*self.started.errors, str(WHY[why])]


def owner_choices(people: Sequence[Person], owner: str) -> list[SelectChoice]:
    """Who may look after a fix; whoever does so now stays among them."""
    named = {person.email: person.name or person.email for person in people}
    if owner and owner not in named:
        named[owner] = owner
    return [SelectChoice("", str(_("choose")))] + [SelectChoice(key, name) for key, name in named.items()]


def _line(text: str | None) -> str:
    return " ".join((text or "").split())


def _lines(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


WHY: dict[Why, Lazy] = {
    Why.BEGUN: _("It acts there already: the day it began no longer changes"),
    Why.PAST: _("Choose a day from today on"),
    Why.BEFORE_FIX: _("Choose a day from the start of the fix on"),
    Why.BEFORE_START: _("Choose a last day that is not before the first"),
    Why.STOPPED: _("It has stopped: that day no longer changes"),
}


class OwnerForm(Form):
    """Who looks after a fix from now on."""

    seen = HiddenField()
    owner = SelectField(_("Owner"), [required(_("Choose who looks after it"))])


class StopForm(Form):
    """The day a fix stops, and why; an empty day lets it go on."""

    seen = HiddenField()
    day = StringField(_("Last day"), [_day])
    reason = _text(_("Why?"), required(SAY_WHY))

    @property
    def last_day(self) -> date | None:
        """The day chosen, None = it goes on; only after validate()."""
        return parsed_day(self.day.data)

    def refuse(self, place_id: int | None, why: Why) -> None:
        """Say what is wrong with the last day, which only the record can tell."""
        self.day.errors = [*self.day.errors, str(WHY[why])]


class WithdrawForm(Form):
    """Why a fix is taken back before it starts."""

    seen = HiddenField()
    reason = _text(_("Why?"), required(SAY_WHY))


class DatesForm(Form):
    """When a fix starts and stops at each of its places: fields named start-<id> and stop-<id>."""

    seen = HiddenField()
    reason = _text(_("Why do places stop?"))

    def read(self, before: Mapping[int, Dates], sent: Mapping[str, str], otherwise: date) -> None:
        """Take in what was sent for each place.

        before -- what is on record; a field that was not sent stays as it is there
        otherwise -- the start of the fix, which an empty start means
        """
        self.typed = {name: sent[name] for key in before for name in _names(key) if name in sent}
        self.refused: dict[str, str] = {}
        self.dates: dict[int, Dates] = {}
        for key, at in before.items():
            start, stop = _names(key)
            first = (self._parsed(start) or otherwise) if start in sent else at.started
            self.dates[key] = Dates(first, self._parsed(stop) if stop in sent else at.stopped)

    def show(self, dates: Mapping[int, Dates], otherwise: date) -> None:
        """Start from what is on record; a start with the fix is an empty field."""
        self.typed, self.refused = {}, {}
        for key, at in dates.items():
            start, stop = _names(key)
            self.typed[start] = "" if at.started == otherwise else at.started.isoformat()
            self.typed[stop] = "" if at.stopped is None else at.stopped.isoformat()

    def _parsed(self, name: str) -> date | None:
        try:
            return parsed_day(self.typed[name])
        except ValueError:
            self.refused[name] = str(WRITE_DAY)
            return None

    def refuse(self, place_id: int | None, why: Why) -> None:
        """Say what is wrong with a date of a place."""
        which = "stop" if why in (Why.BEFORE_START, Why.STOPPED) else "start"
        self.refused[f"{which}-{place_id}"] = str(WHY[why])

    def problems(self) -> list[Problem]:
        """What has to be put right, place by place, then the reason."""
        return [Problem(name, words) for name, words in self.refused.items()] + super().problems()


def _names(place_id: int) -> tuple[str, str]:
    return f"start-{place_id}", f"stop-{place_id}"
