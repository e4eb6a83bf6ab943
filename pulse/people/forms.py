"""The forms of signing in, of one's own account, and of the accounts an admin looks after."""

from wtforms import EmailField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, Length, ValidationError

from config import settings
from pulse.forms import Form, required
from pulse.i18n import NAMES
from pulse.i18n import lazy as _
from pulse.people import login
from pulse.people.models import Grant
from pulse.people.passwords import SHORTEST, easily_guessed

GUESSED = _(
    "This password is among the first that are tried. Take a few words that have nothing to do with you or"
    " with each other"
)


class SignInForm(Form):
    """Who are you? With a password, or by a link that is mailed."""

    email = EmailField(_("E-mail address"), [required(_("Enter your e-mail address"))])
    password = PasswordField(
        _("Password"), [required(_("Enter your password, or ask for a link below if you have none"))]
    )

    def refuse(self) -> None:
        """Say that the two do not belong together: never which of them is wrong."""
        self.form_errors.append(str(_("This e-mail address and this password do not belong together")))

    def postpone(self) -> None:
        """Say that there were too many attempts."""
        self.form_errors.append(str(_("Too many attempts. Wait a quarter of an hour, then try again")))


class LinkForm(Form):
    """Where is the link to go?"""

    email = EmailField(_("E-mail address"), [required(_("Enter your e-mail address"))])
    password = PasswordField(_("Password"))

    def refuse(self) -> None:
        """Say that this cannot be an address."""
        self.email.errors = [*self.email.errors, _("Write an e-mail address, such as name@example.org")]


class LanguageForm(Form):
    """In which language pages and mails are to be."""

    language = RadioField(
        _("Language of pages and mails"), choices=[SelectChoice(code, name) for code, name in NAMES.items()]
    )


class PasswordForm(Form):
    """A new password, and the old one where it is asked for."""

    current = PasswordField(_("Your password until now"))
    new = PasswordField(
        _("New password"),
        [
            required(_("Enter a new password")),
            Length(min=SHORTEST, message=_("Choose a password of at least %(n)s characters", n=SHORTEST)),
        ],
    )
    again = PasswordField(
        _("The new password once more"), [EqualTo("new", message=_("Enter the same password twice"))]
    )

    def validate_new(self, field: PasswordField) -> None:
        """Refuse what is tried first, and what was stolen elsewhere."""
        visit = login.here()
        about = (visit.email, visit.name, settings().organisation) if visit else ()
        if easily_guessed(field.data or "", about):
            raise ValidationError(str(GUESSED))

    def refuse(self) -> None:
        """Say that the old password is not the right one."""
        self.current.errors = [*self.current.errors, _("This is not your password")]

    def postpone(self) -> None:
        """Say that there were too many attempts."""
        self.form_errors.append(str(_("Too many attempts. Wait a quarter of an hour, then try again")))


GRANTS = {
    Grant.MANAGER: _("Manager: reads the figures of a team and of what is below it"),
    Grant.OWNER: _("Owner: owns fixes"),
    Grant.ANALYST: _("Analyst: reads everything that is concluded (HR, customer experience)"),
    Grant.COUNCIL: _("Works council: reads what analysts read, and the audit"),
    Grant.ADMIN: _("Administrator: looks after accounts and the file of people"),
}


SHORT = {
    Grant.MANAGER: _("manager"),
    Grant.OWNER: _("owner"),
    Grant.ANALYST: _("analyst"),
    Grant.COUNCIL: _("works council"),
    Grant.ADMIN: _("administrator"),
}


class GrantForm(Form):
    """One more grant for a person; a manager's needs a team."""

    grant = SelectField(
        _("Grant"), choices=[SelectChoice(grant.value, words) for grant, words in GRANTS.items()]
    )
    team = StringField(_("Code of the team a manager heads"), [Length(max=200)])

    def want_team(self) -> None:
        """Say that a manager heads a team, and that there must be one of this code."""
        self.team.errors = [*self.team.errors, _("Write the code of a team there is")]
