"""The answering pages: the employees' pulse and the customers' survey."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from config import settings
from pulse import db
from pulse.i18n import language
from pulse.months import written
from pulse.people import login
from pulse.web import for_grant, open_to_all, render
from surveys.ballots.urn import cast, urn
from surveys.invitations.service import NotInvited
from surveys.responses import customer, employee
from surveys.responses.answers import Question, Sent, read
from surveys.responses.forms import CustomerForm, PulseForm

bp = Blueprint("responses", __name__)


@bp.route("/pulse", methods=["GET", "POST"])
@for_grant()
def pulse() -> ResponseReturnValue:
    """The month's questions to an employee: one page, one submit."""
    form, now = PulseForm(), datetime.now(UTC)
    person_id = _person_id()
    asked = _asked(form, person_id, now)
    sent = read(request.form, asked.questions)
    if not form.is_submitted():
        form.month.data = written(asked.month)
        return render(form=form, asked=asked, sent=sent, missing=())
    if not form.validate() or _to_be_reminded(form, sent):
        return render(
            form=form, asked=asked, sent=sent, missing=_missing(form, asked.questions, sent), status=422
        )
    _hand_in(person_id, sent, form.comment.data or "", now)
    return redirect(url_for("surveys.responses.thanks"), 303)


def _asked(form: PulseForm, person_id: int, now: datetime) -> employee.Questionnaire:
    """What a person is asked; what was sent from the page of a wave that is over is not taken for this one's.

    Raises WaveClosed or PageOfAnotherWave for that, and what employee.questionnaire raises.
    """
    try:
        with db.reading() as session:
            asked = employee.questionnaire(session, person_id, now, language=language(), zone=settings().zone)
    except employee.NoWave as none:
        if form.is_submitted():
            raise employee.WaveClosed(none.opens) from none
        raise
    if form.is_submitted() and form.month.data != written(asked.month):
        raise employee.PageOfAnotherWave
    return asked


def _hand_in(person_id: int, sent: Sent, comment: str, now: datetime) -> None:
    """Use up the right to answer, and put the ballot into the urn.

    Two databases, and on purpose no transaction over both, because it would be stored as a link. The ballot
    is committed first, inside the transaction that uses up the right: an answer that was acknowledged is
    never lost. Should the machine stop between the two commits, the ballot counts and the person, who saw no
    thanks, may answer again: one ballot too many in its unit, rather than a voice taken away.
    """
    with db.writing() as session:
        admission = employee.admit(session, person_id, now, zone=settings().zone)
        with urn.writing() as box:
            cast(box, admission.month, admission.unit, sent.scores, comment)


@bp.get("/pulse/thanks")
@for_grant()
def thanks() -> ResponseReturnValue:
    """Thanks to an employee; says nothing of what was answered, for it no longer can."""
    return render()


@bp.route("/r/<token>", methods=["GET", "POST"])
@open_to_all
def survey(token: str) -> ResponseReturnValue:
    """A customer's survey. Looking uses nothing up: mail scanners follow links."""
    form, now = CustomerForm(), datetime.now(UTC)
    comment = form.comment.data or ""
    try:
        with db.reading() as session:
            asked = customer.survey(session, token, now, language=language(), zone=settings().zone)
    except NotInvited:
        return _again(token, comment)
    sent = read(request.form, asked.questions)
    if not form.is_submitted():
        return render(form=form, asked=asked, sent=sent, missing=(), token=token)
    if not form.validate() or _to_be_reminded(form, sent):
        missing = _missing(form, asked.questions, sent)
        return render(form=form, asked=asked, sent=sent, missing=missing, token=token, status=422)
    with db.writing() as session:
        customer.answer(session, token, request.form, comment, now, zone=settings().zone)
    return redirect(url_for("surveys.responses.customer_thanks"), 303)


def _again(token: str, comment: str) -> ResponseReturnValue:
    """What a link that is no longer valid leads to: thanks for a double click, else the one neutral page."""
    with db.reading() as session:
        if request.method == "POST" and customer.is_repeated(session, token, request.form, comment):
            return redirect(url_for("surveys.responses.customer_thanks"), 303)
    raise NotInvited


@bp.get("/r/thanks")
@open_to_all
def customer_thanks() -> ResponseReturnValue:
    """Thanks to a customer."""
    return render()


def _person_id() -> int:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id


def _to_be_reminded(form: PulseForm | CustomerForm, sent: Sent) -> bool:
    return bool(sent.skipped) and not form.reminded.data


def _missing(
    form: PulseForm | CustomerForm, questions: tuple[Question, ...], sent: Sent
) -> tuple[Question, ...]:
    """The questions to remind of: once, and not while something else has to be put right."""
    if form.errors or not _to_be_reminded(form, sent):
        return ()
    form.reminded.data = "1"
    return tuple(question for question in questions if question.code in sent.skipped)
