"""Every channel there is. A new one is a module and a line here."""

from collections.abc import Callable
from typing import Protocol

from config import Settings
from pulse.outbox.models import Message
from surveys.delivery.email import EmailChannel
from surveys.delivery.log import LogChannel


class Channel(Protocol):
    """A way for messages to leave: send() raises TryLater, Refused or PerhapsSent (outcome.py)."""

    def send(self, message: Message) -> None:
        """Hand one message over."""
        ...

    def close(self) -> None:
        """Give back what is held open."""
        ...


CHANNELS: dict[str, Callable[[Settings], Channel]] = {"email": EmailChannel, "log": LogChannel}


def channel(name: str, settings: Settings) -> Channel:
    """The channel of this name; e-mails go to the log where no mail server is set. Raises KeyError."""
    if name == "email" and settings.smtp_url is None:
        return LogChannel(settings)
    return CHANNELS[name](settings)
