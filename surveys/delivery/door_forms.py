"""The forms by which an analyst looks after a touchpoint's open link."""

from collections.abc import Sequence

from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length, ValidationError

from pulse.forms import Form
from pulse.i18n import gettext
from pulse.i18n import lazy as _
from surveys.invitations.origins import MOST, NotASite, TooManySites, origins

LONGEST = 10_000


class SitesForm(Form):
    """The sites that may show the survey in a frame."""

    sites = TextAreaField(
        _("Sites that may show this survey"), [Length(max=LONGEST, message=_("Name fewer sites"))]
    )

    def validate_sites(self, field: TextAreaField) -> None:
        """Refuse what is no site, by its name."""
        try:
            self.origins: Sequence[str] = origins(field.data or "")
        except NotASite as wrong:
            words = gettext(
                "“%(site)s” is no address of a site. Write one a line, such as https://www.example.org",
                site=str(wrong)[:100],
            )
            raise ValidationError(words) from wrong
        except TooManySites as wrong:
            raise ValidationError(gettext("Name at most %(n)s sites", n=MOST)) from wrong


class CountForm(Form):
    """Whether answers through the open link weigh in verdicts."""

    counts = BooleanField(_("Let these answers weigh in verdicts"))
