"""The forms that take a flag further: a small one for each thing that can be done, one at a time."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from wtforms import Field, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from pulse.forms import Form, required
from pulse.i18n import Lazy
from pulse.i18n import lazy as _
from pulse.people.key_forms import DayField
from pulse.verdicts import flags
from pulse.verdicts.flag_words import DECISIONS
from pulse.verdicts.flags import Step
from pulse.verdicts.models import Decision, Flag, FlagState

LONGEST = 4000  # characters of a comment
SHORTER = Length(max=LONGEST, message=_("Shorten the text"))


class Do(enum.Enum):
    """What can be done about a flag."""

    ACKNOWLEDGE = "acknowledge"
    DECIDE = "decide"
    ASSIGN = "assign"
    CORRECT = "correct"
    CHECK = "check"
    COMMENT = "comment"
    CLOSE = "close"


TITLES: dict[Do, Lazy] = {
    Do.ACKNOWLEDGE: _("Acknowledge"),
    Do.DECIDE: _("Decide"),
    Do.ASSIGN: _("Hand over"),
    Do.CORRECT: _("Corrective fix"),
    Do.CHECK: _("Check again"),
    Do.COMMENT: _("Comment"),
    Do.CLOSE: _("Close"),
}


@dataclass(frozen=True)
class Offers:
    """What may be chosen: people by address and name, fixes by id and name, and the day it is."""

    holders: Sequence[tuple[str, str]]
    fixes: Sequence[tuple[int, str]]
    today: date


def open_to(flag: Flag) -> list[Do]:
    """What can be done about a flag where it stands."""
    if flag.state is FlagState.CLOSED:
        return [Do.COMMENT]
    return [do for do in Do if do is not Do.ACKNOWLEDGE or flag.state is FlagState.OPEN]


def next_for(flag: Flag, today: date) -> Do:
    """What is to be done next."""
    if flag.state is FlagState.OPEN:
        return Do.ACKNOWLEDGE
    if flag.state is FlagState.CLOSED or flags.overdue(flag, today):
        return Do.COMMENT
    if flag.decision is None:
        return Do.DECIDE
    return Do.CHECK if flag.recheck_on is None else Do.COMMENT


class StepForm(Form):
    """A step about a flag; seen -- the newest event that was on the page it was sent from."""

    do = HiddenField()
    seen = HiddenField()
    comment = TextAreaField(_("A word about it, if you like"), [SHORTER])

    def offer(self, offers: Offers) -> None:
        """Offer what may be chosen."""

    def step(self) -> Step:
        """The step; only after validate()."""
        return Step(comment=self.comment.data or "")

    @property
    def last_seen(self) -> int:
        """The newest event that was on the page; 0 where the form does not say."""
        said = str(self.seen.data or "")
        return int(said) if said.isdecimal() and said.isascii() and len(said) < 10 else 0

    def refuse(self, error: Exception) -> None:
        """Say beside the field why this step cannot be taken."""
        field, words = self._refusal(error)
        field.errors = [*field.errors, words]

    def _refusal(self, error: Exception) -> tuple[Field, Lazy]:
        if isinstance(error, flags.DayIsOver) and "day" in self:
            return self["day"], _("Choose a day to come")
        if isinstance(error, flags.CannotHold) and "owner" in self:
            return self["owner"], _("Choose somebody of the list")
        if isinstance(error, flags.ReasonMissing):
            return self.comment, _("Say why this flag is closed")
        return self.comment, _("Write what was seen or decided")


class AcknowledgeForm(StepForm):
    """I have seen it and look into it."""

    def step(self) -> Step:
        """The flag is acknowledged."""
        return Step(FlagState.ACKNOWLEDGED, self.comment.data or "")


class CommentForm(StepForm):
    """What was seen or said."""

    comment = TextAreaField(_("What was seen or said"), [required(_("Write a comment")), SHORTER])


class DecideForm(StepForm):
    """What is to become of the fix."""

    decision = RadioField(
        _("What is to become of the fix?"),
        [required(_("Choose what is to become of the fix"))],
        choices=[SelectChoice(decision.value, words) for decision, words in DECISIONS.items()],
    )
    comment = TextAreaField(_("Why, and what the teams get"), [required(_("Say why")), SHORTER])

    def step(self) -> Step:
        """The decision with its reason."""
        return Step(comment=self.comment.data or "", decision=Decision(self.decision.data))


class AssignForm(StepForm):
    """Who looks after it from now on."""

    owner = SelectField(_("Who looks after it from now on?"), [required(_("Choose somebody"))])

    def offer(self, offers: Offers) -> None:
        """Offer the people who may hold a flag."""
        nobody = SelectChoice("", str(_("Choose somebody")))
        self.owner.choices = [nobody, *(SelectChoice(email, name) for email, name in offers.holders)]

    def step(self) -> Step:
        """The flag is handed over."""
        return Step(comment=self.comment.data or "", owner=self.owner.data)


class CorrectForm(StepForm):
    """Which other fix is to put it right."""

    fix = SelectField(_("Which fix is to put this right?"), [required(_("Choose a fix"))])

    def offer(self, offers: Offers) -> None:
        """Offer the other fixes on record."""
        none = SelectChoice("", str(_("Choose a fix")))
        self.fix.choices = [none, *(SelectChoice(str(fix_id), name) for fix_id, name in offers.fixes)]

    def step(self) -> Step:
        """The fix is linked."""
        return Step(comment=self.comment.data or "", corrective_id=int(self.fix.data))


class CheckForm(StepForm):
    """When somebody is to look again."""

    day = DayField(_("When is somebody to look again?"), [required(_("Choose a day"))])

    def step(self) -> Step:
        """The day is set."""
        return Step(comment=self.comment.data or "", recheck_on=self.day.data)


class CloseForm(StepForm):
    """It is settled."""

    comment = TextAreaField(_("Why is this settled?"), [required(_("Say why this flag is closed")), SHORTER])

    def step(self) -> Step:
        """The flag is closed."""
        return Step(FlagState.CLOSED, self.comment.data or "")


FORMS: dict[Do, type[StepForm]] = {
    Do.ACKNOWLEDGE: AcknowledgeForm,
    Do.DECIDE: DecideForm,
    Do.ASSIGN: AssignForm,
    Do.CORRECT: CorrectForm,
    Do.CHECK: CheckForm,
    Do.COMMENT: CommentForm,
    Do.CLOSE: CloseForm,
}


def asked(said: str, flag: Flag, today: date) -> Do:
    """What an address or a form wants to do, where that is open; else what comes next."""
    found = next((do for do in open_to(flag) if do.value == said), None)
    return found or next_for(flag, today)
