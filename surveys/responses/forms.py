"""The answering forms. Their questions come from month and touchpoint; only the comment is fixed."""

import re
from collections.abc import Sequence

from wtforms import BooleanField, RadioField, StringField, TextAreaField
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


def line(words: str | None) -> str:
    """What was entered in a single line, without blanks around it or characters no line has."""
    return " ".join((words or "").replace("\0", "").split())


LONGEST_LINE = 200
SHORT = Length(max=LONGEST_LINE, message=_("Shorten this to 200 characters"))
# Somebody has to be able to write or to call; more than that is not ours to judge.
REACHABLE = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|(?=(?:\D*\d){6})[+()\d][\d\s()./-]*")
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
    """A customer's words: the link is the permission, so there is no cookie and no token beside it.

    page -- which page it is, signed; website -- a trap: no person sees it
    """

    something = StringField(_("What was it?"), [SHORT], filters=[line])
    comment = TextAreaField(_("Anything to add? (optional)"), [TOO_LONG], filters=[tidy])
    contact = StringField(_("E-mail address or phone number"), [SHORT], filters=[line])
    name = StringField(_("What may we call you? (optional)"), [SHORT], filters=[line])
    website = StringField(_("Leave this empty"))
    reminded = StringField(widget=HiddenInput())
    page = StringField(widget=HiddenInput())

    def check_consent(self, *, agreed: bool) -> bool:
        """Whether there is something to reach somebody by who agreed to be contacted; if not, says so."""
        if agreed and not REACHABLE.fullmatch((self.contact.data or "")[:LONGEST_LINE]):
            self.contact.errors = [
                *self.contact.errors,
                str(_("Write an e-mail address or a phone number, or take the tick away above it")),
            ]
        return not self.contact.errors


class EraseForm(Form):
    """Which customer's answer to erase."""

    interaction = StringField(
        _("Id of the interaction"),
        [required(_("Enter the id that your own system gave the interaction"))],
        filters=[line],
    )
    sure = BooleanField(
        _("Erase the answer for good"), [InputRequired(_("Tick this: it cannot be taken back"))]
    )

    def miss(self) -> None:
        """Say that no answer is there."""
        self.interaction.errors = [
            *self.interaction.errors,
            str(_("No answer is kept of this interaction: it was never answered, or is erased already")),
        ]
