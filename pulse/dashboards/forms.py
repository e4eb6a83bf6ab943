"""The form that takes a flag further."""

from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from pulse.forms import Form
from pulse.i18n import lazy as _
from pulse.verdicts.flags import NEXT
from pulse.verdicts.models import Flag, FlagState
from pulse.verdicts.sentences import STATES

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
