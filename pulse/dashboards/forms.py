"""The forms that take a flag further, and that answer whether a change was a fix."""

from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from pulse.forms import Form
from pulse.i18n import lazy as _
from pulse.verdicts import changes
from pulse.verdicts.flags import NEXT
from pulse.verdicts.models import ChangeState, Flag, FlagState, UnregisteredChange
from pulse.verdicts.sentences import ANSWERS, STATES

LONGEST = 4000  # characters of a comment


class FollowUpForm(Form):
    """What was decided about a flag, and why."""

    state = SelectField(_("How far has this come?"))
    comment = TextAreaField(
        _("What was seen or decided"), [Length(max=LONGEST, message=_("Shorten the comment"))]
    )

    def offer(self, flag: Flag) -> None:
        """Offer where this flag may go from where it is; staying is commenting."""
        states = (flag.state, *NEXT[flag.state])
        self.state.choices = [SelectChoice(state.value, str(STATES[state])) for state in states]

    @property
    def chosen(self) -> FlagState:
        """The state chosen; only after validate()."""
        return FlagState(self.state.data)

    def want_reason(self) -> None:
        """Say that closing needs a reason."""
        self.comment.errors = [*self.comment.errors, _("Say why this flag is closed")]

    def want_words(self) -> None:
        """Say that a comment without words and without a step says nothing."""
        self.comment.errors = [*self.comment.errors, _("Write a comment or choose a further step")]


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
