"""The log channel: a line for each message. Never its text, which may hold a link."""

import logging

from config import Settings
from pulse.outbox.models import Message

log = logging.getLogger("surveys.delivery")


class LogChannel:
    """Writes to whom a message would have gone, and what it is about."""

    def __init__(self, settings: Settings) -> None:
        pass

    def send(self, message: Message) -> None:
        """Write one line."""
        log.info("message to %s: %s", message.recipient, message.subject)

    def close(self) -> None:
        """Nothing is held open."""
