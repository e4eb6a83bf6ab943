"""The forms of the second factor: a code, and a new secret confirmed by one."""

from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import Length

from pulse.forms import Form, required
from pulse.i18n import lazy as _

WRONG = _("This code is not right, or was used before. Wait for the next one in the app, then enter that")
LATE = _("This page was open for too long: here is a new picture. Take the old one out of the app")
WAIT = _("Too many attempts. Wait a quarter of an hour, then try again")


class CodeForm(Form):
    """A code of the app, or a recovery code."""

    code = StringField(_("Code"), [required(_("Enter the code")), Length(max=40)])

    def refuse(self) -> None:
        """Say that the code is not right."""
        self.code.errors = [*self.code.errors, WRONG]

    def postpone(self) -> None:
        """Say that there were too many attempts."""
        self.form_errors.append(str(WAIT))


class SettingUpForm(CodeForm):
    """A new secret, and the first code of it; before it what proves who asks, where there is such a thing."""

    sealed = HiddenField()
    password = PasswordField(_("Your password"))
    present = StringField(_("A code of the app as it is now, or a recovery code"), [Length(max=40)])

    def refuse_password(self) -> None:
        """Say that the password is not right."""
        self.password.errors = [*self.password.errors, _("This is not your password")]

    def refuse_present(self) -> None:
        """Say that the code of the app as it is now is not right."""
        self.present.errors = [*self.present.errors, WRONG]

    def offer_anew(self) -> None:
        """Say that the secret was offered too long ago."""
        self.form_errors.append(str(LATE))
