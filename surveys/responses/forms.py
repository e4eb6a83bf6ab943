"""The answering forms. Their questions come from month and touchpoint; only the comment is fixed."""

from collections.abc import Sequence

from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from pulse.forms import Form, OpenForm, required
from pulse.i18n import lazy as _
from surveys.ballots.codes import Need

LONGEST = 2000


def tidy(comment: str | None) -> str:
    """A comment without blanks around it and with one kind of line end, as the page counts its length.

    Nor with the one character that PostgreSQL does not store, which no keyboard writes.
    """
    return (comment or "").replace("\r\n", "\n").replace("\0", "").strip()


TOO_LONG = Length(max=LONGEST, message=_("Shorten your comment to 2,000 characters"))


class PulseForm(OpenForm):
    """An employee's comment. The script sends it with the ballot; the form itself is sent nowhere."""

    comment = TextAreaField(_("Anything to add? (optional)"), [TOO_LONG], filters=[tidy])


class BallotForm(OpenForm):
    """A ballot's answers where no script runs: sent to the ballot host with the ballot in hidden fields."""

    wave = StringField(widget=HiddenInput())
    unit = StringField(widget=HiddenInput())
    nonce = StringField(widget=HiddenInput())
    signature = StringField(widget=HiddenInput())
    comment = TextAreaField(_("Anything to add? (optional)"), [TOO_LONG], filters=[tidy])


class CodeForm(OpenForm):
    """A printed code, typed from its sheet."""

    code = StringField(_("Code"), [required(_("Type the code of your sheet"))])


class CodeAnswersForm(OpenForm):
    """The answers given by a printed code: the code is the permission, so there is no cookie and no token."""

    code = StringField(widget=HiddenInput())
    comment = TextAreaField(_("Anything to add? (optional)"), [TOO_LONG], filters=[tidy])
    reminded = StringField(widget=HiddenInput())


class SheetsForm(Form):
    """Whose sheets of printed codes to make."""

    unit = RadioField(_("Group"), [InputRequired(_("Choose a group"))])

    def offer(self, needs: Sequence[Need], language: str) -> None:
        """Let the reader choose among the groups whose codes were not made yet."""
        self.unit.choices = [
            SelectChoice(need.unit.code, need.unit.name(language)) for need in needs if not need.made
        ]


class CustomerForm(OpenForm):
    """A customer's answers: the link is the permission, so there is no cookie and no token beside it."""

    comment = TextAreaField(_("Anything to add? (optional)"), [TOO_LONG], filters=[tidy])
    reminded = StringField(widget=HiddenInput())
