"""The forms of signing in."""

from wtforms import EmailField, PasswordField

from pulse.forms import Form, required
from pulse.i18n import lazy as _


class SignInForm(Form):
    """Who are you?"""

    email = EmailField(_("E-mail address"), [required(_("Enter your e-mail address"))])
    password = PasswordField(_("Password"), [required(_("Enter your password"))])

    def refuse(self) -> None:
        """Say that the two do not belong together: never which of them is wrong."""
        self.form_errors.append(str(_("This e-mail address and this password do not belong together")))

    def postpone(self) -> None:
        """Say that there were too many attempts."""
        self.form_errors.append(str(_("Too many attempts. Wait a quarter of an hour, then try again")))
