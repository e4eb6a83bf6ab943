"""The log channel: a line for each message that is sent to nobody. Never its text, which may hold a link.

But for a link to sign in with on one's own machine, where the log is the only mail box there is.
"""

import logging
from urllib.parse import urlsplit

from config import Settings
from pulse.outbox.models import Message, MessageState
from surveys.delivery.mailings import may_be_counted

log = logging.getLogger("surveys.delivery")

OWN_MACHINE = {"localhost", "127.0.0.1", "::1"}


class LogChannel:
    """Writes to whom a message would have gone, and what it is about."""

    handed_over = MessageState.LOGGED

    def __init__(self, settings: Settings) -> None:
        here = urlsplit(settings.site_url).hostname in OWN_MACHINE
        self._shown = f"{settings.site_url}/sign-in/" if here else None

    def send(self, message: Message) -> None:
        """Write one line."""
        # Who is reminded has drawn no ballot so far, which no log is to say of anybody.
        to = message.recipient if message.urgent or may_be_counted(message.mailing) else "somebody"
        log.info("not sent (no server is set): message to %s: %s", to, message.subject)
        for line in message.text.splitlines() if self._shown else ():
            if line.startswith(self._shown or ""):
                log.info("%s", line)

    def close(self) -> None:
        """Nothing is held open."""
