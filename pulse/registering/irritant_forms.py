"""The form of an irritant: its name and both questions, in both languages, and where customers meet it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date

from wtforms import Field, HiddenField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from pulse.forms import Form, required
from pulse.i18n import Lazy, gettext, language, speaking
from pulse.i18n import lazy as _
from pulse.organisation.models import Irritant, Place
from pulse.organisation.service import Pair
from pulse.registering.forms import WRITE_DAY, parsed_day

GAP = "…"
LONGEST_LABEL, LONGEST_QUESTION = 60, 200


def _complete(form: Form, field: Field) -> None:
    """Refuse a question whose gap is still there: nobody can have read it."""
    if GAP in (field.data or ""):
        raise ValidationError(str(_("Put what it is about in the place of the dots")))


def _first(form: Form, field: Field) -> None:
    try:
        parsed_day(field.data)
    except ValueError:
        raise ValidationError(str(WRITE_DAY)) from None


def _label(words: Lazy) -> StringField:
    too_long = _("Shorten the name to 60 characters")
    return StringField(
        words,
        [required(_("Give it a name in both languages")), Length(max=LONGEST_LABEL, message=too_long)],
    )


def _question(words: Lazy) -> StringField:
    return StringField(
        words,
        [
            required(_("Write both questions in both languages")),
            Length(max=LONGEST_QUESTION, message=_("Shorten the question to 200 characters")),
            _complete,
        ],
    )


class IrritantForm(Form):
    """An irritant.

    seen -- which version of the record the reader has in front of them
    agreed -- the sides of which the reader has been told that their series will start anew
    """

    seen = HiddenField()
    agreed = HiddenField()
    label_en = _label(_("Name in English"))
    label_fr = _label(_("Name in French"))
    customer_question_en = _question(_("Question to customers, in English"))
    customer_question_fr = _question(_("Question to customers, in French"))
    employee_question_en = _question(_("Question to employees, in English"))
    employee_question_fr = _question(_("Question to employees, in French"))
    touchpoints = SelectMultipleField(_("Where customers meet it"), coerce=int)
    find_touchpoints = StringField(_("Find touchpoints"))
    added = StringField(_("Ask about it from"), [required(_("Say from which day on it is asked")), _first])

    def offer(self, touchpoints: Sequence[Place]) -> None:
        """Offer all touchpoints."""
        self.touchpoints.choices = [SelectChoice(place.id, place.name(language())) for place in touchpoints]

    def suggest(self, day: date) -> None:
        """Start the questions, with a gap that has to be filled in, and the day."""
        for code in ("en", "fr"):
            with speaking(code):
                self[f"customer_question_{code}"].data = gettext("How much did … bother you?")
                self[f"employee_question_{code}"].data = gettext("How much did … land on you this month?")
        self.added.data = day.isoformat()

    def fill(self, irritant: Irritant) -> None:
        """Start from what is on record."""
        for name, words in asdict(pair_of(irritant)).items():
            self[name].data = words
        self.touchpoints.data = sorted(place.id for place in irritant.touchpoints)
        self.added.data = irritant.added.isoformat() if irritant.added else ""

    @property
    def pair(self) -> Pair:
        """What was written; only after validate()."""
        return Pair(**{name: " ".join((self[name].data or "").split()) for name in PAIR})

    @property
    def first(self) -> date:
        """The first day it is asked about; only after validate()."""
        found = parsed_day(self.added.data)
        assert found is not None  # the field must be filled in
        return found

    @property
    def met(self) -> Collection[int]:
        """Ids of the touchpoints ticked; none = everywhere."""
        return self.touchpoints.data or ()


PAIR = tuple(Pair.__dataclass_fields__)


def pair_of(irritant: Irritant) -> Pair:
    """What is on record of an irritant."""
    return Pair(**{name: getattr(irritant, name) for name in PAIR})
