"""What customers name in their own words: proposed as irritants, for an analyst to decide about."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from pulse import db
from pulse.forms import Form
from pulse.people import login
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.web import for_grant, render
from surveys.proposals import queries, service
from surveys.proposals.forms import AcceptForm, DismissForm, MergeForm
from surveys.proposals.models import ProposalState
from surveys.proposals.queries import Summary

bp = Blueprint("proposals", __name__)
DECIDE = (Grant.ANALYST, Grant.ADMIN)
ONE = "/proposals/<int(max=2147483647):proposal_id>"  # no database holds a higher number


@dataclass(frozen=True)
class Forms:
    """The forms of a proposal's page; the one that was sent knows what was wrong with it."""

    accept: AcceptForm
    merge: MergeForm
    dismiss: DismissForm

    @property
    def sent(self) -> Form:
        """The form with something to put right, else the first."""
        return next((form for form in (self.merge, self.dismiss) if form.problems()), self.accept)


@bp.get("/proposals")
@for_grant(*DECIDE)
def proposals() -> Response:
    """What customers bring up beside the irritants they are asked about."""
    decided = request.args.get("show") == "decided"
    with db.reading() as session:
        found = queries.summaries(session, decided=decided)
        return render(summaries=found, decided=decided, waiting=queries.number_open(session))


@bp.get(ONE)
@for_grant(*DECIDE)
def proposal(proposal_id: int) -> Response:
    """One proposal: what customers say, where, since when, and what can be made of it."""
    with db.reading() as session:
        found = _found(session, proposal_id)
        return _page(session, found, _forms(session, found))


@bp.post(f"{ONE}/accept")
@for_grant(*DECIDE)
def accept(proposal_id: int) -> ResponseReturnValue:
    """Make an irritant of a proposal."""
    with db.writing() as session:
        found = _found(session, proposal_id)
        forms = _forms(session, found, accept=AcceptForm())
        if not forms.accept.validate():
            return _page(session, found, forms, status=422)
        now = datetime.now(UTC)
        touchpoints = forms.accept.touchpoints.data or []
        service.accept(
            session, found.proposal, forms.accept.pair, touchpoints, by=_me(), now=now, day=people.today()
        )
    return _back(proposal_id)


@bp.post(f"{ONE}/merge")
@for_grant(*DECIDE)
def merge(proposal_id: int) -> ResponseReturnValue:
    """Count a proposal as an irritant there is."""
    with db.writing() as session:
        found = _found(session, proposal_id)
        forms = _forms(session, found, merge=MergeForm())
        if not forms.merge.validate():
            return _page(session, found, forms, status=422)
        into = queries.irritant(session, forms.merge.irritant.data)
        assert into is not None  # the form takes no other
        further = [place.id for place, _ in found.places] if forms.merge.further.data else []
        now = datetime.now(UTC)
        service.merge(session, found.proposal, into, further, by=_me(), now=now, day=people.today())
    return _back(proposal_id)


@bp.post(f"{ONE}/dismiss")
@for_grant(*DECIDE)
def dismiss(proposal_id: int) -> ResponseReturnValue:
    """Make nothing of a proposal."""
    with db.writing() as session:
        found = _found(session, proposal_id)
        forms = _forms(session, found, dismiss=DismissForm())
        if not forms.dismiss.validate():
            return _page(session, found, forms, status=422)
        note = forms.dismiss.note.data or ""
        service.dismiss(session, found.proposal, note, by=_me(), now=datetime.now(UTC))
    return _back(proposal_id)


@bp.post(f"{ONE}/reopen")
@for_grant(*DECIDE)
def reopen(proposal_id: int) -> ResponseReturnValue:
    """Take back that a proposal was dismissed."""
    with db.writing() as session:
        found = _found(session, proposal_id)
        if Form().validate():
            service.reopen(session, found.proposal, by=_me())
    return _back(proposal_id)


def _forms(
    session: Session,
    found: Summary,
    *,
    accept: AcceptForm | None = None,
    merge: MergeForm | None = None,
    dismiss: DismissForm | None = None,
) -> Forms:
    """The page's forms; those that were not sent start afresh, with what can be suggested."""
    forms = Forms(
        accept or AcceptForm(formdata=None),
        merge or MergeForm(formdata=None),
        dismiss or DismissForm(formdata=None),
    )
    forms.accept.offer(queries.touchpoints(session))
    forms.merge.offer(queries.irritants(session))
    if accept is None:
        forms.accept.suggest([place.id for place, _ in found.places])
    return forms


def _page(session: Session, found: Summary, forms: Forms, *, status: int = 200) -> Response:
    return render(
        page="surveys.proposals.proposal",
        status=status,
        summary=found,
        open=found.proposal.state is ProposalState.OPEN,
        forms_of=forms,
        form=forms.sent,
    )


def _found(session: Session, proposal_id: int) -> Summary:
    found = queries.summary(session, proposal_id)
    if found is None:
        abort(404)
    return found


def _back(proposal_id: int) -> ResponseReturnValue:
    return redirect(url_for("surveys.proposals.proposal", proposal_id=proposal_id), 303)


def _me() -> int:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id
