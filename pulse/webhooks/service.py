"""Webhooks: made, stopped, given another secret; and news queued for each that wants it."""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from pulse.db import insert_into
from pulse.people import service as people
from pulse.webhooks import guard, signing
from pulse.webhooks.events import Event
from pulse.webhooks.models import Delivery, DeliveryState, Trouble, Webhook

LONGEST_NAME = 100
PAGE = 50  # deliveries
KEPT = timedelta(days=30)
WAITING = (DeliveryState.QUEUED, DeliveryState.CLAIMED)


class NotAName(Exception):
    """A name has 1 to 100 characters on one line."""


class NameTaken(Exception):
    """There is a webhook of this name that works."""


class NoEvent(Exception):
    """A webhook that is told of nothing is none."""


@dataclass(frozen=True)
class Made:
    """A webhook just made or given another secret: the one time that the secret can be read."""

    webhook_id: int
    name: str
    secret: str


@dataclass(frozen=True)
class Listed:
    """A webhook as admins see it.

    waiting -- how many deliveries are still to be made; last -- the one tried last; None = there is none
    """

    webhook: Webhook
    waiting: int
    last: Delivery | None

    @property
    def failing(self) -> bool:
        """Whether what was tried last was not taken."""
        return self.last is not None and self.last.error is not None


def make(
    session: Session,
    name: str,
    url: str,
    events: Collection[Event],
    *,
    inwards: Collection[str],
    key: str,
    now: datetime,
    by: int | None = None,
) -> Made:
    """A new webhook.

    inwards -- what the operator allows within their own network; key -- the installation's
    by -- a person's id; None = the command line

    Raises NotAName, NameTaken, NoEvent, guard.NotAnAddress or guard.Inwards.
    """
    name, url = name.strip(), url.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NotAName
    if not events:
        raise NoEvent
    guard.target(url, inwards)
    if session.scalar(select(Webhook.id).where(Webhook.name == name, Webhook.stopped_at.is_(None))):
        raise NameTaken
    secret = signing.made_up()
    told = [event.value for event in Event if event in events]
    webhook = Webhook(name=name, url=url, events=told, sealed=signing.sealed(signing.Secrets(secret), key))
    webhook.made_at, webhook.made_by, webhook.stopped_at = now, by, None
    session.add(webhook)
    session.flush()
    people.note(session, "webhook made", name, " ".join([*told, _host(url)]), by=by)
    return Made(webhook.id, webhook.name, secret)


def _host(url: str) -> str:
    # No more of the address: its path is often a secret of the receiver's.
    return url.split("/")[2]


def renew(session: Session, webhook: Webhook, *, key: str, now: datetime, by: int | None = None) -> Made:
    """Give a webhook another secret. For a day the former one signs as well, unless it cannot be read."""
    secret = signing.made_up()
    try:
        held = signing.opened(webhook.sealed, key).replaced(secret, now)
    except signing.Unreadable:
        held = signing.Secrets(secret)
    webhook.sealed = signing.sealed(held, key)
    people.note(session, "webhook secret changed", webhook.name, by=by)
    return Made(webhook.id, webhook.name, secret)


def stop(session: Session, webhook: Webhook, now: datetime, *, by: int | None = None, why: str = "") -> None:
    """Tell a webhook nothing more; what waits is given up. One that is stopped already stays so."""
    if webhook.stopped_at is not None:
        return
    webhook.stopped_at = now
    session.execute(
        update(Delivery)
        .where(Delivery.webhook_id == webhook.id, Delivery.state.in_(WAITING))
        .values(state=DeliveryState.FAILED, error=Trouble.STOPPED.value)
    )
    people.note(session, "webhook stopped", webhook.name, why, by=by)


def start(session: Session, webhook: Webhook, *, by: int | None = None) -> None:
    """Tell a webhook again what happens from now on."""
    if webhook.stopped_at is None:
        return
    webhook.stopped_at = None
    people.note(session, "webhook started again", webhook.name, by=by)


def tell(session: Session, event: Event, key: str, data: Mapping[str, object], now: datetime) -> int:
    """Queue news for every webhook that wants it; for how many. The same key is queued once for each.

    data -- released figures and verdicts only, and nobody's name or address
    """
    told = 0
    for webhook in session.scalars(select(Webhook).where(Webhook.stopped_at.is_(None)).order_by(Webhook.id)):
        if event.value in webhook.events:
            told += _queue(session, webhook, event, key, data, now)
    return told


def anybody_wants(session: Session, event: Event) -> bool:
    """Whether some webhook is to be told of this: what nobody wants need not be written."""
    wanted = session.scalars(select(Webhook.events).where(Webhook.stopped_at.is_(None)))
    return any(event.value in events for events in wanted)


def try_out(session: Session, webhook: Webhook, now: datetime) -> None:
    """Queue a piece of news that only says that the way is open; none for a webhook that is stopped."""
    if webhook.stopped_at is not None:
        return
    _queue(session, webhook, Event.PING, f"ping:{secrets.token_hex(8)}", {"webhook": webhook.name}, now)


def _queue(
    session: Session, webhook: Webhook, event: Event, key: str, data: Mapping[str, object], now: datetime
) -> bool:
    body = {"type": event.value, "timestamp": now.isoformat(timespec="seconds"), "data": data}
    row = {
        "id": f"msg_{secrets.token_hex(16)}",
        "webhook_id": webhook.id,
        "key": key,
        "event": event.value,
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        "state": DeliveryState.QUEUED,
        "attempts": 0,
        "queued_at": now,
        "due_at": now,
    }
    new = (
        insert_into(session, Delivery)
        .values(**row)
        .on_conflict_do_nothing(index_elements=["webhook_id", "key"])
    )
    return session.execute(new.returning(Delivery.id)).first() is not None


def again(session: Session, delivery: Delivery, now: datetime, *, by: int | None = None) -> None:
    """Send a delivery once more, under its own id; none of a webhook that is stopped."""
    webhook = session.get_one(Webhook, delivery.webhook_id)
    if webhook.stopped_at is not None:
        return
    delivery.state, delivery.attempts, delivery.due_at = DeliveryState.QUEUED, 0, now
    delivery.claimed_at = delivery.delivered_at = None
    people.note(session, "webhook delivery sent again", webhook.name, delivery.id, by=by)


def listed(session: Session) -> list[Listed]:
    """All webhooks: those that work first, then by name."""
    found = session.scalars(
        select(Webhook).order_by(Webhook.stopped_at.is_not(None), Webhook.name, Webhook.id)
    ).all()
    waiting = (
        select(Delivery.webhook_id, func.count())
        .where(Delivery.state.in_(WAITING))
        .group_by(Delivery.webhook_id)
    )
    counts = {webhook_id: number for webhook_id, number in session.execute(waiting)}
    return [Listed(webhook, counts.get(webhook.id, 0), _last(session, webhook)) for webhook in found]


def _last(session: Session, webhook: Webhook) -> Delivery | None:
    tried = select(Delivery).where(Delivery.webhook_id == webhook.id, Delivery.claimed_at.is_not(None))
    return session.scalar(tried.order_by(Delivery.claimed_at.desc()).limit(1))


def one(session: Session, webhook_id: int) -> Webhook | None:
    """The webhook of a number."""
    return session.get(Webhook, webhook_id)


def delivery_of(session: Session, webhook: Webhook, delivery_id: str) -> Delivery | None:
    """The delivery of an id, where it is one of this webhook's."""
    found = session.get(Delivery, delivery_id)
    return found if found is not None and found.webhook_id == webhook.id else None


def deliveries(session: Session, webhook: Webhook, page: int) -> tuple[Sequence[Delivery], int]:
    """A page of deliveries, the newest first, and how many pages there are."""
    mine = Delivery.webhook_id == webhook.id
    number = session.scalar(select(func.count()).select_from(Delivery).where(mine)) or 0
    rows = (
        select(Delivery)
        .where(mine)
        .order_by(Delivery.queued_at.desc(), Delivery.id)
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    return session.scalars(rows).all(), max(-(-number // PAGE), 1)


def forget(session: Session, now: datetime) -> int:
    """Delete the deliveries that were done with a month ago; how many."""
    old = delete(Delivery).where(Delivery.state.not_in(WAITING), Delivery.due_at <= now - KEPT)
    return len(session.scalars(old.returning(Delivery.id)).all())
