"""The form a webhook is made with, and what its events and troubles are called."""

from wtforms import SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput, ListWidget

from pulse.forms import Form, required
from pulse.i18n import lazy as _
from pulse.webhooks import guard, service
from pulse.webhooks.events import WANTED, Event
from pulse.webhooks.models import Trouble

EVENTS = {
    Event.FLAG_RAISED: _("A flag is raised"),
    Event.FLAG_CHANGED: _("A flag comes further: acknowledged, acted on, closed"),
    Event.VERDICT_CHANGED: _("The verdict of a fix changes"),
    Event.SUCCESS: _("A fix is called a success"),
    Event.SUCCESS_WITHDRAWN: _("A fix is called a success no longer"),
}
SHORT = {
    Event.FLAG_RAISED: _("flag raised"),
    Event.FLAG_CHANGED: _("flag further"),
    Event.VERDICT_CHANGED: _("verdict changed"),
    Event.SUCCESS: _("success"),
    Event.SUCCESS_WITHDRAWN: _("success taken back"),
    Event.PING: _("test"),
}
TROUBLES = {
    Trouble.ANSWERED: _("The receiver did not take it."),
    Trouble.REDIRECTED: _("The receiver pointed to another address. Enter that one: Pulse follows nobody."),
    Trouble.GONE: _("The receiver wants no more, so the webhook was stopped."),
    Trouble.INWARDS: _("The address leads into your own network, or is none Pulse may go to."),
    Trouble.NO_NAME: _("The name of the host leads nowhere."),
    Trouble.REFUSED: _("Nobody answers at this address."),
    Trouble.TIMEOUT: _("The receiver took longer than ten seconds."),
    Trouble.NOT_TRUSTED: _("No encrypted connection: nobody known vouches for the receiver’s certificate."),
    Trouble.BROKEN: _("The connection broke off."),
    Trouble.NO_HTTP: _("What answers there does not speak HTTP."),
    Trouble.SEALED: _("The secret cannot be read any more: PULSE_SECRET_KEY was changed. Make a new one."),
    Trouble.STOPPED: _("Given up when the webhook was stopped."),
}
REFUSALS = {
    service.NameTaken: _("There is a webhook of this name. Choose another name, or stop it first"),
    service.NotAName: _("Write the name on one line, without signs that cannot be seen"),
    guard.Inwards: _(
        "This address leads into your own network. An operator may allow it in PULSE_WEBHOOK_INWARDS"
    ),
    guard.NotAnAddress: _("Write an address such as https://example.org/pulse, without a password in it"),
}


class WebhookForm(Form):
    """Whom to tell, where, and of what."""

    name = StringField(
        _("Who is told?"),
        [
            required(_("Write who is told")),
            Length(
                max=service.LONGEST_NAME,
                message=_("Write at most %(n)s characters", n=service.LONGEST_NAME),
            ),
        ],
    )
    url = StringField(
        _("Address"),
        [
            required(_("Write the address that news is sent to")),
            Length(max=guard.LONGEST, message=_("Write at most %(n)s characters", n=guard.LONGEST)),
        ],
    )
    events = SelectMultipleField(
        _("Of what?"),
        [required(_("Choose at least one event"))],
        choices=[SelectChoice(event.value, EVENTS[event]) for event in WANTED],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    @property
    def chosen(self) -> frozenset[Event]:
        """The events that were chosen."""
        return frozenset(Event(value) for value in self.events.data or ())

    def refuse(self, error: Exception) -> None:
        """Say beside the field why there can be no such webhook."""
        field = self.url if isinstance(error, guard.NotAnAddress) else self.name
        field.errors = [*field.errors, REFUSALS[type(error)]]
