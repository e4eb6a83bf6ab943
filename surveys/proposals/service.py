"""Proposed irritants: kept from night to night, accepted as a pair of questions, merged or dismissed."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from pulse.organisation import service as organisation
from pulse.organisation.models import Irritant
from pulse.organisation.service import Pair
from pulse.people import service as people
from surveys.cases.models import Case
from surveys.proposals.carrying import carried
from surveys.proposals.models import Proposal, ProposalMember, ProposalState
from surveys.responses.models import Response

LOOKED_BACK = timedelta(days=365)
MOST_READ = 20_000  # answers of a language, the newest: what has not come up in so many is old


class AlreadyDecided(Exception):
    """Somebody else decided about this proposal meanwhile, or the night found it to be none any more."""


def words(session: Session, language: str, now: datetime) -> list[tuple[int, str]]:
    """What customers wrote under "something else" on pages of a language: (response id, their words).

    Answers kept apart are not read: nobody has said yet that a person wrote them.
    """
    newest = (
        select(Response.id, Response.other)
        .where(Response.language == language, Response.other != "", Response.held.is_(None))
        .where(Response.answered_at > now - LOOKED_BACK)
        .order_by(Response.id.desc())
        .limit(MOST_READ)
    )
    return [(number, said) for number, said in session.execute(newest)][::-1]


def keep(
    session: Session,
    language: str,
    groups: Sequence[tuple[Sequence[int], Sequence[str]]],
    day: date,
) -> int:
    """Make this night's groups (response ids, typical words) the proposals of a language; how many are open.

    Nothing that somebody decided about, even while the groups were being found, is changed but that it
    takes in new answers.
    """
    rows = select(ProposalMember.proposal_id, ProposalMember.response_id).join(Proposal)
    known: dict[int, set[int]] = {
        proposal: set()
        for proposal in session.scalars(select(Proposal.id).where(Proposal.language == language))
    }
    for proposal, response in session.execute(rows.where(Proposal.language == language)):
        known[proposal].add(response)
    decided = set(session.scalars(select(Proposal.id).where(Proposal.state != ProposalState.OPEN)))
    there = _still_there(session, groups)
    members = [[member for member in group if member in there] for group, _ in groups]
    _empty(session, set(known) - decided)
    for each in carried(members, known, decided):
        proposal = each.proposal or _new(session, language, day)
        _join(session, proposal, each.members)
        if proposal not in decided:
            typical = list(groups[each.group][1])
            session.execute(update(Proposal).where(Proposal.id == proposal).values(words=typical))
    return _drop_empty(session, language)


def _still_there(session: Session, groups: Sequence[tuple[Sequence[int], Sequence[str]]]) -> set[int]:
    """The members whose answers have not been erased since they were read."""
    members = [member for members, _ in groups for member in members]
    found: set[int] = set()
    for start in range(0, len(members), 500):
        some = select(Response.id).where(Response.id.in_(members[start : start + 500]), Response.other != "")
        found.update(session.scalars(some))
    return found


def _empty(session: Session, proposals: Collection[int]) -> None:
    if proposals:
        session.execute(delete(ProposalMember).where(ProposalMember.proposal_id.in_(proposals)))


def _new(session: Session, language: str, day: date) -> int:
    proposal = Proposal(
        state=ProposalState.OPEN,
        language=language,
        found_on=day,
        words=[],
        irritant_id=None,
        decided_at=None,
        decided_by_id=None,
        note="",
    )
    session.add(proposal)
    session.flush()
    return proposal.id


def _join(session: Session, proposal: int, members: Sequence[int]) -> None:
    rows = [
        {"response_id": member, "proposal_id": proposal, "rank": rank} for rank, member in enumerate(members)
    ]
    if rows:
        session.execute(insert(ProposalMember), rows)


def _drop_empty(session: Session, language: str) -> int:
    """Forget open proposals that hold nothing any more; how many are left."""
    held = select(ProposalMember.proposal_id)
    mine = Proposal.language == language, Proposal.state == ProposalState.OPEN
    session.execute(delete(Proposal).where(*mine, Proposal.id.not_in(held)))
    return session.scalar(select(func.count()).select_from(Proposal).where(*mine)) or 0


def accept(
    session: Session,
    proposal: Proposal,
    pair: Pair,
    touchpoints: Collection[int],
    *,
    by: int,
    now: datetime,
    day: date,
) -> Irritant:
    """Make an irritant of a proposal, asked about at some touchpoints; raises AlreadyDecided."""
    _still_open(session, proposal)
    irritant = organisation.add_irritant(session, pair, touchpoints, day)
    _decide(session, proposal, ProposalState.ACCEPTED, irritant.id, "", by, now)
    people.note(session, "irritant added", irritant.code, pair.label_en, by=by)
    return irritant


def merge(
    session: Session,
    proposal: Proposal,
    irritant: Irritant,
    touchpoints: Collection[int],
    *,
    by: int,
    now: datetime,
    day: date,
) -> None:
    """Count a proposal as an irritant there is, asked about at further touchpoints; raises AlreadyDecided."""
    _still_open(session, proposal)
    organisation.meet(session, irritant, touchpoints, day)
    _decide(session, proposal, ProposalState.MERGED, irritant.id, "", by, now)
    people.note(session, "proposal merged", irritant.code, f"proposal {proposal.id}", by=by)


def dismiss(session: Session, proposal: Proposal, note: str, *, by: int, now: datetime) -> None:
    """Make nothing of a proposal; raises AlreadyDecided."""
    _still_open(session, proposal)
    _decide(session, proposal, ProposalState.DISMISSED, None, note.strip(), by, now)
    people.note(session, "proposal dismissed", f"proposal {proposal.id}", by=by)


def reopen(session: Session, proposal: Proposal, *, by: int) -> None:
    """Take back that a proposal was dismissed; raises AlreadyDecided where something was made of it."""
    if proposal.state is not ProposalState.DISMISSED:
        raise AlreadyDecided
    proposal.state, proposal.note = ProposalState.OPEN, ""
    proposal.decided_at = proposal.decided_by_id = None
    people.note(session, "proposal opened again", f"proposal {proposal.id}", by=by)


def _still_open(session: Session, proposal: Proposal) -> None:
    """Lock a proposal that nobody has decided about; raises AlreadyDecided."""
    session.refresh(proposal, with_for_update=True)
    if proposal.state is not ProposalState.OPEN:
        raise AlreadyDecided


def _decide(
    session: Session,
    proposal: Proposal,
    state: ProposalState,
    irritant: int | None,
    note: str,
    by: int,
    now: datetime,
) -> None:
    proposal.state, proposal.irritant_id, proposal.note = state, irritant, note
    proposal.decided_at, proposal.decided_by_id = now, by
    session.flush()


def named(session: Session) -> list[tuple[int, int]]:
    """Who of those who agreed to be contacted named an irritant in their own words: (response, irritant)."""
    rows = (
        select(ProposalMember.response_id, Proposal.irritant_id)
        .join(Proposal, Proposal.id == ProposalMember.proposal_id)
        .join(Case, Case.response_id == ProposalMember.response_id)
        .where(Proposal.irritant_id.is_not(None), Case.contact.is_not(None))
    )
    return [(response, irritant) for response, irritant in session.execute(rows) if irritant is not None]
