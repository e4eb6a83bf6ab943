"""The forms of the first run."""

from collections.abc import Sequence

from flask_wtf.file import MultipleFileField
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from pulse.forms import Form
from pulse.i18n import day, lazy, month
from pulse.i18n import gettext as _
from surveys.starting.first_wave import Month


class FolderForm(Form):
    """A company folder: a ZIP of it, or its files."""

    files = MultipleFileField(lazy("The folder as a ZIP, or its CSV files"))

    def refuse(self, words: str) -> None:
        """Say why these files cannot be taken."""
        self.files.errors = [*self.files.errors, words]


class WaveForm(Form):
    """The month of the first wave."""

    month = RadioField(lazy("Which month is the first?"), validate_choice=False)

    def offer(self, offered: Sequence[Month]) -> None:
        """The months there are to choose from; the first that leaves some time is marked."""
        self.month.choices = [SelectChoice(f"{one.month:%Y-%m}", _said(one)) for one in offered]
        if self.month.data is None and offered:
            first = next((one for one in offered if not one.at_once), offered[0])
            self.month.data = f"{first.month:%Y-%m}"

    def want_month(self) -> None:
        """Say that one has to be chosen."""
        self.month.errors = [_("Choose one of these months")]


def _said(one: Month) -> str:
    name = month(one.month)
    words = {"month": name[:1].upper() + name[1:], "opens": day(one.opens), "closes": day(one.closes)}
    if one.at_once:
        return _("%(month)s: it opens within the hour and closes at the end of %(closes)s", **words)
    return _("%(month)s: from %(opens)s at 10:00 to the end of %(closes)s", **words)
