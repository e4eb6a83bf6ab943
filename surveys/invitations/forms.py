"""The forms of asking customers: how a touchpoint asks, and who is asked no more."""

from wtforms import IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from pulse.forms import Form, OpenForm
from pulse.i18n import gettext
from pulse.i18n import lazy as _
from surveys.invitations.asking import Manner
from surveys.invitations.models import Opening, Way

OPENINGS = {
    Opening.EFFORT: _("Effort: how easy it was, in five answers"),
    Opening.CSAT: _("Satisfaction: how satisfied they are all in all, in five answers"),
    Opening.NPS: _("Recommendation: how likely they are to recommend you, from 0 to 10"),
}
WAYS = {
    Way.EMAIL: _("E-mail; text message where there is only a telephone number"),
    Way.SMS: _("Text message; e-mail where there is only an address"),
    Way.LINK: _("A link that your own system hands over: nothing is sent"),
}
MOST_ANSWERS = 1_000_000


class WholeField(IntegerField):
    """A whole number, refused in the reader's language."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was written."""
        try:
            super().process_formdata([value.strip() for value in valuelist])
        except ValueError:
            raise ValueError(gettext("Write a whole number")) from None


class MannerForm(Form):
    """How a touchpoint's customers are asked."""

    opening = RadioField(
        _("What is asked first?"),
        choices=[SelectChoice(opening.value, words) for opening, words in OPENINGS.items()],
    )
    share = WholeField(
        _("Out of 100 interactions, about how many are to be asked about?"),
        [
            InputRequired(_("Write a number from 0 to 100")),
            NumberRange(0, 100, _("Write a number from 0 to 100")),
        ],
    )
    target = WholeField(
        _("How many answers a month are enough?"),
        [Optional(), NumberRange(1, MOST_ANSWERS, _("Write 1 or more, or nothing"))],
    )
    way = RadioField(
        _("How are customers reached?"),
        choices=[SelectChoice(way.value, words) for way, words in WAYS.items()],
    )

    @classmethod
    def of(cls, manner: Manner) -> "MannerForm":
        """The form as it is filled in now."""
        data = {"opening": manner.opening.value, "share": manner.share, "target": manner.target}
        return cls(data=data | {"way": manner.way.value})

    @property
    def manner(self) -> Manner:
        """What was chosen."""
        return Manner(Opening(self.opening.data), self.share.data, self.target.data, Way(self.way.data))


class OptOutForm(Form):
    """Somebody has said, not by the link, that they want no more surveys."""

    email = StringField(_("Their e-mail address"), [Length(max=254)])
    phone = StringField(_("Their telephone number"), [Length(max=40)])
    customer = StringField(_("Their id in your own system"), [Length(max=200)])

    def refuse_email(self) -> None:
        """Say that this cannot be an address."""
        self.email.errors = [*self.email.errors, _("Write an e-mail address, such as name@example.org")]

    def refuse_phone(self) -> None:
        """Say that this cannot be a number."""
        self.phone.errors = [*self.phone.errors, _("Write a telephone number, such as +33 6 12 34 56 78")]

    def want_one(self) -> None:
        """Say that nobody is named."""
        self.email.errors = [*self.email.errors, _("Fill in at least one of the three")]


class StopForm(OpenForm):
    """One button: no more surveys, or surveys again. The link itself says whose."""
