"""The forms that call a fix a success, and that answer whether a change was a fix."""

from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from pulse.forms import Form
from pulse.i18n import lazy as _
from pulse.verdicts import changes
from pulse.verdicts.models import ChangeState, UnregisteredChange
from pulse.verdicts.sentences import ANSWERS

LONGEST = 4000  # characters of a comment


class SuccessForm(Form):
    """Calling a fix a success, although the answers do not say so."""

    confirmed = BooleanField(_("I have other reasons to call it a success"))

    def want_confirmation(self) -> None:
        """Say that a success the answers do not show has to be confirmed."""
        self.confirmed.errors = [
            *self.confirmed.errors,
            _("Confirm that you call it a success although the answers do not show it yet"),
        ]


class AnswerForm(Form):
    """Whether a change that no fix explains was a fix, and what is known about it."""

    state = SelectField(_("What was it?"))
    comment = TextAreaField(
        _("What you know about it"), [Length(max=LONGEST, message=_("Shorten the comment"))]
    )

    def offer(self, change: UnregisteredChange) -> None:
        """Offer the answers that are open to this change; staying is commenting."""
        states = (change.state, *changes.NEXT[change.state])
        self.state.choices = [SelectChoice(state.value, str(ANSWERS[state])) for state in states]

    @property
    def chosen(self) -> ChangeState:
        """The answer chosen; only after validate()."""
        return ChangeState(self.state.data)

    def want_note(self) -> None:
        """Say that "no fix of ours" needs a word on what it was."""
        self.comment.errors = [
            *self.comment.errors,
            _("Say what it was instead, or that nobody knows"),
        ]

    def want_words(self) -> None:
        """Say that neither an answer nor a comment was given."""
        self.comment.errors = [*self.comment.errors, _("Write a comment or choose an answer")]
