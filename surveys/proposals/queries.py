"""What the pages of proposed irritants show: how many say it, where, since when, and in which words."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from pulse.organisation.models import Irritant, Touchpoint
from surveys.proposals.carrying import FEWEST
from surveys.proposals.models import Proposal, ProposalMember, ProposalState
from surveys.responses.masking import masked
from surveys.responses.models import Response

EXAMPLES = 5
LONGEST = 300  # characters of an example


@dataclass(frozen=True)
class Summary:
    """A proposal with what is known of the answers it holds.

    size -- answers; score -- how much it bothered them, hundredths of a point, None where nobody said
    months -- each month with how many answers, earliest first
    places -- each touchpoint with how many answers, most first
    examples -- what the most typical of them said, masked; none where there are too few
    """

    proposal: Proposal
    size: int
    score: int | None
    months: Sequence[tuple[date, int]]
    places: Sequence[tuple[Touchpoint, int]]
    examples: Sequence[str]

    def placed(self, language: str) -> list[str]:
        """Where it was brought up, in a language."""
        return [place.name(language) for place, _ in self.places]

    @property
    def first(self) -> date | None:
        """The month of the earliest answer."""
        return self.months[0][0] if self.months else None

    @property
    def last(self) -> date | None:
        """The month of the latest answer."""
        return self.months[-1][0] if self.months else None


def summaries(session: Session, *, decided: bool) -> list[Summary]:
    """All open proposals, the largest first, or all decided ones, the last decided first."""
    state = Proposal.state != ProposalState.OPEN if decided else Proposal.state == ProposalState.OPEN
    rows = select(Proposal).where(state).options(joinedload(Proposal.irritant)).order_by(Proposal.id)
    proposals = session.scalars(rows).all()
    found = _told(session, proposals)
    if decided:
        return sorted(found, key=lambda one: (one.proposal.decided_at, one.proposal.id), reverse=True)
    return sorted(found, key=lambda one: (-one.size, one.proposal.id))


def number_open(session: Session) -> int:
    """How many proposals wait to be decided about."""
    rows = select(func.count()).select_from(Proposal).where(Proposal.state == ProposalState.OPEN)
    return session.scalar(rows) or 0


def summary(session: Session, proposal_id: int) -> Summary | None:
    """One proposal."""
    proposal = session.get(Proposal, proposal_id)
    return None if proposal is None else _told(session, [proposal])[0]


def touchpoints(session: Session) -> Sequence[Touchpoint]:
    """All touchpoints, by code."""
    return session.scalars(select(Touchpoint).order_by(Touchpoint.code)).all()


def irritants(session: Session) -> Sequence[Irritant]:
    """All irritants, by code."""
    return session.scalars(select(Irritant).order_by(Irritant.code)).all()


def irritant(session: Session, code: str) -> Irritant | None:
    """The irritant of a code."""
    return session.scalar(select(Irritant).where(Irritant.code == code))


def _told(session: Session, proposals: Sequence[Proposal]) -> list[Summary]:
    ids = [proposal.id for proposal in proposals]
    sizes, months, places = _sizes(session, ids), _months(session, ids), _places(session, ids)
    examples = _examples(session, ids)
    return [
        Summary(
            proposal,
            *sizes.get(proposal.id, (0, None)),
            months[proposal.id],
            places[proposal.id],
            examples[proposal.id] if sizes.get(proposal.id, (0, None))[0] >= FEWEST else (),
        )
        for proposal in proposals
    ]


def _sizes(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int | None]]:
    rows = (
        select(ProposalMember.proposal_id, func.count(), func.avg(Response.other_score))
        .join(Response, Response.id == ProposalMember.response_id)
        .where(ProposalMember.proposal_id.in_(ids))
        .group_by(ProposalMember.proposal_id)
    )
    return {
        proposal: (number, None if score is None else round(score))
        for proposal, number, score in session.execute(rows)
    }


def _months(session: Session, ids: Sequence[int]) -> Mapping[int, list[tuple[date, int]]]:
    rows = (
        select(ProposalMember.proposal_id, Response.month, func.count())
        .join(Response, Response.id == ProposalMember.response_id)
        .where(ProposalMember.proposal_id.in_(ids))
        .group_by(ProposalMember.proposal_id, Response.month)
        .order_by(Response.month)
    )
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for proposal, month, number in session.execute(rows):
        found[proposal].append((month, number))
    return found


def _places(session: Session, ids: Sequence[int]) -> Mapping[int, list[tuple[Touchpoint, int]]]:
    number = func.count()
    rows = (
        select(ProposalMember.proposal_id, Response.touchpoint_id, number)
        .join(Response, Response.id == ProposalMember.response_id)
        .where(ProposalMember.proposal_id.in_(ids))
        .group_by(ProposalMember.proposal_id, Response.touchpoint_id)
        .order_by(number.desc(), Response.touchpoint_id)
    )
    known = {touchpoint.id: touchpoint for touchpoint in touchpoints(session)}
    found: dict[int, list[tuple[Touchpoint, int]]] = defaultdict(list)
    for proposal, place, answers in session.execute(rows):
        found[proposal].append((known[place], answers))
    return found


def _examples(session: Session, ids: Sequence[int]) -> Mapping[int, list[str]]:
    """The first few different things said in each, the most typical first."""
    found: dict[int, list[str]] = defaultdict(list)
    for proposal in ids:
        rows = (
            select(Response.other)
            .join(ProposalMember, ProposalMember.response_id == Response.id)
            .where(ProposalMember.proposal_id == proposal, Response.other != "")
            .order_by(ProposalMember.rank, Response.id)
            .limit(4 * EXAMPLES)
        )
        said = dict.fromkeys(_shortened(masked(words)) for words in session.scalars(rows))
        found[proposal] = list(said)[:EXAMPLES]
    return found


def _shortened(words: str) -> str:
    one = " ".join(words.split())
    return one if len(one) <= LONGEST else one[:LONGEST].rsplit(" ", 1)[0] + "…"
