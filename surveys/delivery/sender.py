"""Sending what is queued: a message is claimed before it is sent, so that no two senders send it."""

import time
from collections import Counter
from datetime import datetime, timedelta

from config import Settings
from pulse.db import Database
from pulse.outbox import secrets
from pulse.outbox.models import Message, MessageState
from surveys.delivery import bounces, claims
from surveys.delivery.channels import Channel, channel
from surveys.delivery.claims import Ending
from surveys.delivery.outcome import PerhapsSent, Refused, TryLater

AT_ONCE = 200  # messages of one run: a clock that is told to stop waits for no more
WAITS = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440)
)  # before each further attempt


def send_due(database: Database, settings: Settings, now: datetime) -> str | None:
    """Send some of what is due and say in one line how that went; None where nothing may leave now.

    Each message is claimed in one transaction and put down in the next, which claims the following one: a
    sender that dies in between leaves one claim behind, and that message in doubt rather than sent twice.
    """
    with database.reading() as session:
        if not claims.is_anything_due(session, now):
            return None
    with database.writing() as session:
        doubtful = claims.give_up_dead_claims(session, now)
    run = Run(database, settings, now)
    try:
        endings = run.send(AT_ONCE)
    finally:
        run.close()
    endings[MessageState.IN_DOUBT] += doubtful
    return ", ".join(f"{endings[state]} {state.value}" for state in MessageState if endings[state]) or None


class Run:
    """One run of a sender, with the channels it has opened."""

    def __init__(self, database: Database, settings: Settings, now: datetime) -> None:
        self._database, self._settings = database, settings
        self._begun, self._ticks = now, time.monotonic()
        self._channels: dict[str, Channel] = {}

    def send(self, most: int) -> Counter[MessageState]:
        """Send up to so many messages; how many ended in which state."""
        endings: Counter[MessageState] = Counter()
        message = self._turn(None)
        while message is not None:
            ending = self._attempt(message)
            endings[ending.state] += 1
            message = self._turn((message, ending), last=endings.total() == most)
        return endings

    def _turn(self, done: tuple[Message, Ending] | None, *, last: bool = False) -> Message | None:
        """Put the message down that was tried, and claim the next one, in one transaction."""
        now = self._now()
        with self._database.writing() as session:
            if done is not None:
                message, ending = done
                claims.put_down(session, message, ending, now)
                if ending.nobody:
                    bounces.note_nobody(session, message, self._settings, now)
            return None if last else claims.take(session, now, self._settings.messages_per_minute)

    def _now(self) -> datetime:
        """The moment the run was begun at, and what has gone by since: a long run must not look dead."""
        return self._begun + timedelta(seconds=time.monotonic() - self._ticks)

    def _attempt(self, message: Message) -> Ending:
        """Try to send a claimed message, whose row is no longer looked at; how that ended."""
        try:
            _fill(message, self._settings)
            opened = self._opened(message.channel)
            opened.send(message)
        except KeyError:
            return Ending(MessageState.FAILED, f"there is no channel {message.channel}")
        except Refused as refusal:
            return Ending(MessageState.FAILED, str(refusal), nobody=refusal.nobody)
        except PerhapsSent as silence:
            return Ending(MessageState.IN_DOUBT, str(silence), down=True)
        except TryLater as trouble:
            return _later(message, trouble, self._now())
        return Ending(opened.handed_over)

    def _opened(self, name: str) -> Channel:
        if name not in self._channels:
            self._channels[name] = channel(name, self._settings)
        return self._channels[name]

    def close(self) -> None:
        """Give back what is held open."""
        for opened in self._channels.values():
            opened.close()


def _later(message: Message, trouble: TryLater, now: datetime) -> Ending:
    if message.attempts > len(WAITS):
        return Ending(MessageState.FAILED, str(trouble), down=trouble.down)
    asked = trouble.wait or timedelta(0)
    due = now + max(WAITS[message.attempts - 1], asked)
    return Ending(MessageState.QUEUED, str(trouble), due, down=trouble.down, wait=asked)


def _fill(message: Message, settings: Settings) -> None:
    """Put the secrets of a message in the places of their marks."""
    headers = message.headers or {}
    if not any(map(secrets.MARK.search, (message.text, message.html or "", *headers.values()))):
        return
    if settings.secret_key is None:
        raise TryLater("PULSE_SECRET_KEY is not set for this process, which has a secret link to send")
    key = settings.secret_key.get_secret_value()
    message.text = secrets.filled(message.text, key)
    message.html = message.html and secrets.filled(message.html, key)
    message.headers = {name: secrets.filled(value, key) for name, value in headers.items()}
