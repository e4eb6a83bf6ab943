"""Telling the receivers: each delivery is claimed, sent, and put down; each receiver by a thread of its own.

At least once: a sender that dies leaves its claim behind, and after a while the delivery is sent again under
the same id. A receiver that does not answer is left alone for a while, with all that waits for it, and keeps
nobody else waiting.
"""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from config import Settings
from pulse.db import Database
from pulse.webhooks import calling, service, signing
from pulse.webhooks.calling import Answer, NoAnswer
from pulse.webhooks.models import Delivery, DeliveryState, Trouble, Webhook

AT_ONCE = 8  # receivers
IN_A_ROW = 100  # deliveries to one receiver in one turn
LOOK = 0.5  # seconds after which a round looks whether there is news for somebody else
ROUND = timedelta(seconds=30)  # after which no further turn begins: a clock is told to stop between rounds
DEAD = timedelta(minutes=5)  # a claim older than this was left by a sender that died
WAITS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
    timedelta(hours=24),
)  # before each further attempt: nearly four days in all
LONGEST_WAIT = timedelta(hours=24)  # that a receiver may ask for
DONE = range(200, 300)
MOVED = range(300, 400)
GONE = 410

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Ending:
    """How an attempt ended.

    trouble -- why the delivery was not taken; None = it was
    down -- nobody answered: what else waits for this receiver need not be tried now
    """

    trouble: Trouble | None
    status: int | None = None
    wait: timedelta = timedelta(0)
    down: bool = False


def send_due(
    database: Database, settings: Settings, now: datetime, *, patience: float = calling.PATIENCE
) -> str | None:
    """Send what is due and say in one line how that went; None where nothing is."""
    with database.reading() as session:
        if not _due_to(session, now):
            return None
    begun = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - begun)

    endings = _Round(database, settings, clock, patience).run()
    said = ", ".join(f"{number} {words}" for words, number in sorted(endings.items()))
    return said or None


class _Round:
    """Turns at receivers, one at a time each, until nothing is due or the round is over."""

    def __init__(self, database: Database, settings: Settings, clock: Clock, patience: float) -> None:
        self._database, self._settings, self._clock, self._patience = database, settings, clock, patience
        self._turns: dict[int, Future[Counter[str]]] = {}
        self._tried: set[int] = set()

    def run(self) -> Counter[str]:
        endings: Counter[str] = Counter()
        over = self._clock() + ROUND
        with ThreadPoolExecutor(AT_ONCE) as threads:
            while True:
                if self._clock() < over:
                    self._begin_turns(threads)
                if not self._turns:
                    return endings
                done, _ = wait(self._turns.values(), timeout=LOOK, return_when=FIRST_COMPLETED)
                for turn in done:
                    endings += turn.result()
                self._turns = {each: turn for each, turn in self._turns.items() if turn not in done}

    def _begin_turns(self, threads: ThreadPoolExecutor) -> None:
        with self._database.reading() as session:
            due = _due_to(session, self._clock())
        for webhook_id in due:
            if webhook_id not in self._turns and webhook_id not in self._tried and len(self._turns) < AT_ONCE:
                self._turns[webhook_id] = threads.submit(self._turn, webhook_id)

    def _turn(self, webhook_id: int) -> Counter[str]:
        """Send what is due to one receiver, one after the other, until one is not taken."""
        endings: Counter[str] = Counter()
        for _ in range(IN_A_ROW):
            with self._database.writing() as session:
                claimed = _take(session, webhook_id, self._clock())
            if claimed is None:
                break
            webhook, delivery = claimed
            ending = self._attempt(webhook, delivery)
            with self._database.writing() as session:
                _put_down(session, delivery, ending, self._clock())
            endings["delivered" if ending.trouble is None else "not taken"] += 1
            if ending.trouble is not None:
                self._tried.add(webhook_id)
                break
        return endings

    def _attempt(self, webhook: Webhook, delivery: Delivery) -> Ending:
        """Call a receiver once; how that ended. No transaction is open meanwhile."""
        secret = self._settings.secret_key
        try:
            held = signing.opened(webhook.sealed, secret.get_secret_value() if secret else "")
        except signing.Unreadable:
            return Ending(Trouble.SEALED, down=True)
        headers = signing.headers(held, delivery.id, delivery.body, self._clock())
        inwards = self._settings.webhook_inwards
        try:
            answer = calling.call(
                webhook.url, delivery.body, headers, inwards=inwards, patience=self._patience
            )
        except NoAnswer as error:
            return Ending(error.args[0], down=True)
        return _judged(answer)


def _judged(answer: Answer) -> Ending:
    if answer.status in DONE:
        return Ending(None, answer.status)
    if answer.status == GONE:
        return Ending(Trouble.GONE, answer.status)
    trouble = Trouble.REDIRECTED if answer.status in MOVED else Trouble.ANSWERED
    return Ending(trouble, answer.status, min(answer.wait, LONGEST_WAIT), down=bool(answer.wait))


def _due_to(session: Session, now: datetime) -> list[int]:
    """The webhooks for which something is due, those that wait longest first."""
    due = select(Delivery.webhook_id).where(_due(now)).group_by(Delivery.webhook_id)
    return list(session.scalars(due.order_by(func.min(Delivery.due_at), Delivery.webhook_id)))


def _due(now: datetime) -> ColumnElement[bool]:
    dead = (Delivery.state == DeliveryState.CLAIMED) & (Delivery.claimed_at < now - DEAD)
    return or_((Delivery.state == DeliveryState.QUEUED) & (Delivery.due_at <= now), dead)


def _take(session: Session, webhook_id: int, now: datetime) -> tuple[Webhook, Delivery] | None:
    """Claim what is due first for a webhook; None where there is nothing. No two senders take the same."""
    mine = (
        select(Delivery)
        .where(Delivery.webhook_id == webhook_id, _due(now))
        .order_by(Delivery.due_at, Delivery.queued_at, Delivery.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    delivery = session.scalar(mine)
    if delivery is None:
        return None
    delivery.state, delivery.claimed_at = DeliveryState.CLAIMED, now
    delivery.attempts += 1
    webhook = session.get_one(Webhook, webhook_id)
    session.flush()
    session.expunge_all()
    return webhook, delivery


def _put_down(session: Session, delivery: Delivery, ending: Ending, now: datetime) -> None:
    """Write down how an attempt ended, unless somebody stopped the webhook or took the delivery meanwhile."""
    values: dict[str, object] = {
        "status": ending.status,
        "error": ending.trouble.value if ending.trouble else None,
    }
    if ending.trouble is None:
        values |= {"state": DeliveryState.DELIVERED, "delivered_at": now}
    elif ending.trouble is Trouble.GONE or delivery.attempts > len(WAITS):
        values |= {"state": DeliveryState.FAILED}
    else:
        wait_for = max(WAITS[delivery.attempts - 1], ending.wait)
        values |= {"state": DeliveryState.QUEUED, "due_at": now + wait_for}
        if ending.down:
            _leave_alone(session, delivery, now + wait_for)
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.state == DeliveryState.CLAIMED)
        .where(Delivery.claimed_at == delivery.claimed_at)
        .values(**values)
    )
    if ending.trouble is Trouble.GONE:
        service.stop(session, session.get_one(Webhook, delivery.webhook_id), now, why="receiver gone")


def _leave_alone(session: Session, delivery: Delivery, until: datetime) -> None:
    """Let what else waits for a receiver wait until then, and count it as tried as often: it is down."""
    others = (Delivery.webhook_id == delivery.webhook_id, Delivery.state == DeliveryState.QUEUED)
    session.execute(
        update(Delivery)
        .where(*others, Delivery.attempts < delivery.attempts)
        .values(attempts=delivery.attempts)
    )
    session.execute(update(Delivery).where(*others, Delivery.due_at < until).values(due_at=until))
