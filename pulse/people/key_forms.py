"""The form a key of the API is made with."""

from typing import Any

from wtforms import DateField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from pulse.forms import Form, required
from pulse.i18n import lazy as _
from pulse.people import api_keys
from pulse.people.models import Scope

SCOPES = {
    Scope.INTERACTIONS: _("Say which contacts there were with customers"),
    Scope.BOUNCES: _("Say which mails came back or were complained about"),
    Scope.LINKS: _("Sign links to the customers' survey by itself: for a till, a kiosk, the foot of a mail"),
    Scope.RESULTS: _("Read fixes, flags and all figures that may be shown"),
    Scope.FIXES: _("Call a fix a success"),
}
SHORT = {
    Scope.INTERACTIONS: _("contacts with customers"),
    Scope.BOUNCES: _("mails that came back"),
    Scope.LINKS: _("signed links"),
    Scope.RESULTS: _("reading results"),
    Scope.FIXES: _("calling fixes a success"),
}

REFUSALS = {
    api_keys.Over: _("Choose today or a later day, or none"),
    api_keys.NameTaken: _("There is a key of this name that works. Choose another name, or revoke it first"),
    api_keys.NotAName: _("Write the name on one line, without signs that cannot be seen"),
}


class DayField(DateField):
    """A day of the calendar, refused in our own words."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was sent; raises ValueError with what to do where it is no day."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a day of the calendar, such as 2027-12-31")) from None


class KeyForm(Form):
    """What a key is for, what it may be used for, and until when."""

    name = StringField(
        _("What is the key for?"),
        [
            required(_("Write what the key is for")),
            Length(
                max=api_keys.LONGEST_NAME,
                message=_("Write at most %(n)s characters", n=api_keys.LONGEST_NAME),
            ),
        ],
    )
    scopes = SelectMultipleField(
        _("What may it be used for?"),
        [required(_("Choose at least one use"))],
        choices=[SelectChoice(scope.value, words) for scope, words in SCOPES.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    expires = DayField(_("Last day on which it works"), [Optional()])

    @property
    def chosen(self) -> frozenset[Scope]:
        """The scopes that were chosen."""
        return frozenset(Scope(value) for value in self.scopes.data or ())

    def refuse(self, error: Exception) -> None:
        """Say beside the field why there can be no such key."""
        field = self.expires if isinstance(error, api_keys.Over) else self.name
        field.errors = [*field.errors, REFUSALS[type(error)]]
