"""The form by which a case is taken on, commented, handed over and closed."""

from collections.abc import Sequence

from wtforms import BooleanField, HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from pulse.forms import Form
from pulse.i18n import lazy as _
from pulse.people.models import Person
from surveys.cases.models import Case, CaseState, CloseReason
from surveys.cases.wording import REASONS, STATES

LONGEST = 4000  # characters of a comment
NOBODY = "0"


class CaseForm(Form):
    """How far a case has come, who looks after it, and what was said or done."""

    seen = HiddenField()
    owner = SelectField(_("Who looks after it?"))
    state = SelectField(_("How far has this come?"))
    reason = SelectField(_("If it is settled: how did it end?"))
    wants_news = BooleanField(_("The customer wants to hear what becomes of it"))
    comment = TextAreaField(
        _("What was said or done"), [Length(max=LONGEST, message=_("Shorten the comment"))]
    )

    def offer(self, owner: Person | None, people: Sequence[Person]) -> None:
        """Offer the states, the reasons and whom the case can be given to; whoever has it stays on offer."""
        self.state.choices = [SelectChoice(state.value, str(words)) for state, words in STATES.items()]
        self.owner.choices = [SelectChoice(NOBODY, str(_("nobody yet")))] + [
            SelectChoice(str(person.id), f"{person.name} ({person.email})")
            for person in ([*people, owner] if owner and owner not in people else people)
        ]
        self.reason.choices = [SelectChoice("", str(_("still at it")))] + [
            SelectChoice(reason.value, str(words)) for reason, words in REASONS.items()
        ]

    def fill(self, case: Case, seen: int) -> None:
        """Show how the case stands."""
        self.seen.data = str(seen)
        self.owner.data = str(case.owner_id or NOBODY)
        self.state.data = case.state.value
        self.reason.data = case.reason.value if case.reason else ""
        self.wants_news.data = case.wants_news

    @property
    def last_seen(self) -> int:
        """The last event on the page that was sent; 0 for what no page of ours sends."""
        return int(self.seen.data) if (self.seen.data or "").isdecimal() and len(self.seen.data) < 10 else 0

    @property
    def chosen(self) -> CaseState:
        """The state chosen; only after validate()."""
        return CaseState(self.state.data)

    @property
    def why(self) -> CloseReason | None:
        """The reason chosen; only after validate()."""
        return CloseReason(self.reason.data) if self.reason.data else None

    @property
    def given_to(self) -> int | None:
        """Id of whoever looks after the case from now on; only after validate()."""
        return None if self.owner.data == NOBODY else int(self.owner.data)

    def want_reason(self) -> None:
        """Say that closing needs a reason."""
        self.reason.errors = [*self.reason.errors, _("Say how it ended")]

    def say_overtaken(self) -> None:
        """Say that somebody else was faster, and show where the case stands now."""
        self.form_errors.append(
            str(
                _(
                    "Somebody else changed this case meanwhile. Read below what happened, then send"
                    " yours again."
                )
            )
        )

    def say_forgotten(self) -> None:
        """Say that nothing more is written about a customer who is forgotten."""
        self.form_errors.append(
            str(_("The way to reach this customer is deleted, so the case stays as it is"))
        )
