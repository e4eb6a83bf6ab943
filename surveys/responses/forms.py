"""The two answering forms. Their questions come from month and touchpoint; only the comment is fixed."""

from wtforms import StringField, TextAreaField
from wtforms.validators import Length
from wtforms.widgets import HiddenInput

from pulse.forms import Form, OpenForm
from pulse.i18n import lazy as _

LONGEST = 2000


def tidy(comment: str | None) -> str:
    """A comment without blanks around it and with one kind of line end, as the page counts its length.

    Nor with the one character that PostgreSQL does not store, which no keyboard writes.
    """
    return (comment or "").replace("\r\n", "\n").replace("\0", "").strip()


TOO_LONG = Length(max=LONGEST, message=_("Shorten your comment to 2,000 characters"))


class PulseForm(Form):
    """An employee's answers, with the month of the page they were given on."""

    month = StringField(widget=HiddenInput())
    comment = TextAreaField(_("Anything to add? (optional)"), [TOO_LONG], filters=[tidy])
    reminded = StringField(widget=HiddenInput())


class CustomerForm(OpenForm):
    """A customer's answers: the link is the permission, so there is no cookie and no token beside it."""

    comment = TextAreaField(_("Anything to add? (optional)"), [TOO_LONG], filters=[tidy])
    reminded = StringField(widget=HiddenInput())
