"""How far each mailing is, what is in doubt and what failed: without recipients, and from indexes alone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse.outbox.models import Message, MessageState
from surveys.delivery import mailings, naming
from surveys.delivery.claims import A_MINUTE
from surveys.delivery.models import Trouble

SHOWN = 50  # messages in doubt at a time
TO_GO = (MessageState.QUEUED, MessageState.CLAIMED)


@dataclass(frozen=True)
class Progress:
    """How many messages of a mailing stand where."""

    mailing: str
    counts: Mapping[MessageState, int]

    @property
    def title(self) -> str:
        """What the mailing is called, in the language being spoken."""
        return mailings.title(self.mailing)

    @property
    def may_be_counted(self) -> bool:
        """Whether its numbers may be shown."""
        return mailings.may_be_counted(self.mailing)

    @property
    def total(self) -> int:
        """All of its messages."""
        return sum(self.counts.values())

    @property
    def to_go(self) -> int:
        """Its messages that wait, or are being sent."""
        return sum(self.counts.get(state, 0) for state in TO_GO)

    def of(self, code: str) -> int:
        """Its messages in a state."""
        return self.counts.get(MessageState(code), 0)


@dataclass(frozen=True)
class Doubt:
    """A message that may or may not have gone: by which name a mail server's log knows it, and no recipient.

    domain -- of a customer's address, where there is one
    """

    id: int
    name: str
    title: str
    channel: str
    claimed_at: datetime
    error: str
    domain: str


@dataclass(frozen=True)
class Failure:
    """Messages of a mailing that failed for one reason; n is None where their number is not to be shown."""

    mailing: str
    title: str
    error: str
    n: int | None


@dataclass(frozen=True)
class Pace:
    """How many attempts began within the last minute; when the next message is due (None = none waits).

    Without those that may not be counted: whoever looked each minute could add them up.
    """

    lately: int
    next_due: datetime | None


def mailings_of(session: Session) -> list[Progress]:
    """Every mailing with messages kept, the pulses first, the newest of them on top.

    Not the links to sign in: whether one waits right now would tell that somebody signs in right now.
    """
    rows = select(Message.mailing, Message.state, func.count()).group_by(Message.mailing, Message.state)
    found: dict[str, Counter[MessageState]] = {}
    for mailing, state, n in session.execute(rows):
        found.setdefault(mailings.together(mailing), Counter())[state] += n
    ordered = sorted(found.keys() - {mailings.SIGN_IN}, reverse=True)
    return [Progress(mailing, found[mailing]) for mailing in ordered]


def doubts(session: Session) -> tuple[list[Doubt], int]:
    """The oldest messages in doubt, and how many there are."""
    doubtful = Message.state == MessageState.IN_DOUBT
    rows = session.scalars(select(Message).where(doubtful).order_by(Message.id).limit(SHOWN))
    number = session.scalar(select(func.count()).select_from(Message).where(doubtful)) or 0
    return [_doubt(message) for message in rows], number


def _doubt(message: Message) -> Doubt:
    shown = mailings.is_to_customer(message.mailing) and "@" in message.recipient
    return Doubt(
        id=message.id,
        name=naming.name(message),
        title=mailings.title(message.mailing),
        channel=message.channel,
        claimed_at=message.claimed_at or message.due_at,
        error=message.error or "",
        domain=message.recipient.rpartition("@")[2] if shown else "",
    )


def failures(session: Session) -> list[Failure]:
    """What failed for good, by mailing and reason, the most frequent first."""
    rows = (
        select(Message.mailing, Message.error, func.count())
        .where(Message.state == MessageState.FAILED)
        .group_by(Message.mailing, Message.error)
        .order_by(func.count().desc(), Message.mailing, Message.error)
        .limit(SHOWN)
    )
    return [
        Failure(
            mailing, mailings.title(mailing), error or "", n if mailings.may_be_counted(mailing) else None
        )
        for mailing, error, n in session.execute(rows)
    ]


def troubles(session: Session) -> list[Trouble]:
    """Channels whose servers fail."""
    return list(session.scalars(select(Trouble).order_by(Trouble.channel)))


def pace(session: Session, now: datetime) -> Pace:
    """How fast messages leave, and when the next is due."""
    lately = select(func.count()).select_from(Message).where(Message.claimed_at > now - A_MINUTE)
    waiting = Message.state == MessageState.QUEUED, Message.urgent == False  # noqa: E712
    return Pace(
        session.scalar(lately.where(*mailings.countable())) or 0,
        session.scalar(select(func.min(Message.due_at)).where(*waiting)),
    )
