"""What an admin decides on messages in doubt, and on those that failed."""

from wtforms import SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from pulse.forms import Form, required
from pulse.i18n import lazy as _


class DoubtForm(Form):
    """Which messages in doubt to send again, or to leave."""

    messages = SelectMultipleField(
        _("Messages in doubt"),
        [required(_("Choose at least one message"))],
        coerce=int,
        validate_choice=False,  # what somebody else decided on meanwhile is left as they decided
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class FailureForm(Form):
    """Which failed messages to try again: of a mailing, for one reason."""

    mailing = StringField(_("Mailing"), [required(_("Choose a mailing"))])
    error = StringField(_("Reason"))
