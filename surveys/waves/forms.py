"""The form that moves a wave, and the one that refuses reminders."""

from wtforms import DateField

from pulse.forms import Form, OpenForm, required
from pulse.i18n import lazy as _
from surveys.waves.planning import FEWEST_DAYS, CannotBeMoved, OutsideMonth, Past, TooShort

REFUSALS = {
    Past: _("This day has begun already: choose a later one"),
    OutsideMonth: _("Choose days of the wave's own month, the first before the last"),
    TooShort: _("Leave at least %(days)s days to answer", days=FEWEST_DAYS),
}


class MoveForm(Form):
    """The first and the last day of a wave."""

    opens = DateField(_("First day"), [required(_("Enter the first day"))])
    closes = DateField(_("Last day"), [required(_("Enter the last day"))])

    def refuse(self, error: CannotBeMoved) -> None:
        """Say beside the field why a wave cannot have these days."""
        field = self.closes if isinstance(error, TooShort) else self.opens
        field.errors = [*field.errors, REFUSALS[type(error)]]


class RemindersForm(OpenForm):
    """One button: no more reminders, or reminders again. The link itself says whose."""
