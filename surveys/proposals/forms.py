"""The forms by which a proposed irritant is accepted, merged or dismissed."""

from collections.abc import Collection, Sequence

from wtforms import BooleanField, Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from pulse.forms import Form, required
from pulse.i18n import gettext, language, speaking
from pulse.i18n import lazy as _
from pulse.organisation.models import Irritant, Touchpoint
from pulse.organisation.service import Pair

GAP = "…"
LONGEST_LABEL, LONGEST_QUESTION, LONGEST_NOTE = 60, 200, 1000


def _complete(form: Form, field: Field) -> None:
    """Refuse a question whose gap is still there: nobody can have read it."""
    if GAP in (field.data or ""):
        raise ValidationError(str(_("Put what it is about in the place of the dots")))


def _name(words: object) -> StringField:
    return StringField(
        words,
        [
            required(_("Give it a name in both languages")),
            Length(max=LONGEST_LABEL, message=_("Shorten the name to 60 characters")),
        ],
    )


def _question(words: object) -> StringField:
    return StringField(
        words,
        [
            required(_("Write both questions in both languages")),
            Length(max=LONGEST_QUESTION, message=_("Shorten the question to 200 characters")),
            _complete,
        ],
    )


class AcceptForm(Form):
    """The new irritant: its name and both questions in both languages, and where customers meet it."""

    label_en = _name(_("Name in English"))
    label_fr = _name(_("Name in French"))
    customer_question_en = _question(_("Question to customers, in English"))
    customer_question_fr = _question(_("Question to customers, in French"))
    employee_question_en = _question(_("Question to employees, in English"))
    employee_question_fr = _question(_("Question to employees, in French"))
    touchpoints = SelectMultipleField(
        _("Where customers meet it"),
        [required(_("Choose at least one touchpoint"))],
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def offer(self, touchpoints: Sequence[Touchpoint]) -> None:
        """Offer all touchpoints."""
        self.touchpoints.choices = [
            SelectChoice(touchpoint.id, touchpoint.name(language())) for touchpoint in touchpoints
        ]

    def suggest(self, touchpoints: Collection[int]) -> None:
        """Start the questions, with a gap that has to be filled in, and tick where customers said it."""
        for code in ("en", "fr"):
            with speaking(code):
                self[f"customer_question_{code}"].data = gettext("How much did … bother you?")
                self[f"employee_question_{code}"].data = gettext("How much did … land on you this month?")
        self.touchpoints.data = sorted(touchpoints)

    @property
    def pair(self) -> Pair:
        """What was written; only after validate()."""
        return Pair(**{name: " ".join((self[name].data or "").split()) for name in Pair.__dataclass_fields__})


class MergeForm(Form):
    """The irritant that says the same already, and whether to ask about it wherever it was brought up."""

    irritant = SelectField(_("Which irritant says the same?"), [required(_("Choose the irritant"))])
    further = BooleanField(_("Ask about it where customers brought this up, too"))

    def offer(self, irritants: Sequence[Irritant]) -> None:
        """Offer all irritants, none of them chosen."""
        self.irritant.choices = [SelectChoice("", str(_("choose")))] + [
            SelectChoice(irritant.code, irritant.label(language())) for irritant in irritants
        ]


class DismissForm(Form):
    """Why nothing is made of a proposal."""

    note = TextAreaField(
        _("Why nothing is made of it"), [Length(max=LONGEST_NOTE, message=_("Shorten the note"))]
    )
