"""Every channel there is. A new one is a module and a line here."""

from collections.abc import Callable
from typing import Protocol

from config import Settings
from pulse.outbox.models import Message, MessageState
from surveys.delivery.email import EmailChannel
from surveys.delivery.log import LogChannel
from surveys.delivery.sms import SmsChannel


class Channel(Protocol):
    """A way for messages to leave: send() raises TryLater, Refused or PerhapsSent (outcome.py).

    handed_over -- what a message is when send() returns: sent, or merely logged
    """

    handed_over: MessageState

    def send(self, message: Message) -> None:
        """Hand one message over."""
        ...

    def close(self) -> None:
        """Give back what is held open."""
        ...


CHANNELS: dict[str, Callable[[Settings], Channel]] = {
    "email": EmailChannel,
    "sms": SmsChannel,
    "log": LogChannel,
}


def is_set(name: str, settings: Settings) -> bool:
    """Whether there is a server for this channel; without one its messages go to the log."""
    return {"email": settings.smtp_url, "sms": settings.sms_url}.get(name) is not None


def channel(name: str, settings: Settings) -> Channel:
    """The channel of this name; messages go to the log where no server is set for it. Raises KeyError."""
    made = CHANNELS[name]
    return made(settings) if is_set(name, settings) else LogChannel(settings)
