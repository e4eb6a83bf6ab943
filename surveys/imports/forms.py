"""The forms by which a file of people comes in, and by which it is taken over."""

from collections.abc import Mapping

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, IntegerField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from pulse.forms import Form, required
from pulse.i18n import lazy as _
from surveys.imports.people import COLUMNS

PASTED = 5_000_000  # characters


class PeopleForm(Form):
    """A file, or the same as text; the day from which it holds, and whether it names everybody."""

    file = FileField(_("A CSV file"))
    text = TextAreaField(
        _("Or its lines, the header first"),
        [Length(max=PASTED, message=_("This is too long to be pasted; choose the file above"))],
    )
    starts = DateField(
        _("From which day on does it hold?"), [required(_("Enter a day of the calendar, such as 2027-12-31"))]
    )
    full = BooleanField(_("The file names everybody: whoever it does not name has left"))
    email = StringField("email")
    team = StringField("team")
    name = StringField("name")
    language = StringField("language")
    manager_of = StringField("manager_of")
    answers_by = StringField("answers_by")
    since = StringField("since")
    left = StringField("left")

    @property
    def columns(self) -> Mapping[str, str]:
        """What the file calls our columns, where something was written."""
        written = {ours: (self[ours].data or "").strip() for ours in COLUMNS}
        return {ours: theirs for ours, theirs in written.items() if theirs}

    def want_file(self) -> None:
        """Say that there is nothing to read."""
        self.file.errors = [*self.file.errors, _("Choose a file, or paste its lines below")]


class KeepForm(Form):
    """Take it over: where many leave, with their number."""

    leavers = IntegerField(_("How many people leave? Write the number"), [Optional()])

    def want_number(self) -> None:
        """Say that the number is not the right one."""
        self.leavers.errors = [*self.leavers.errors, _("Write the number of people who leave, as told above")]

    def refuse(self, words: object) -> None:
        """Say why it cannot be taken over."""
        self.form_errors.append(str(words))
