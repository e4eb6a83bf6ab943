"""The two processes of a mailing: a sender as `flask clock` runs it, and a real mail server that writes down.

python -m benchmarks.mailing serve FILE      prints its port; appends the name of each mail to FILE
python -m benchmarks.mailing send            by PULSE_*; says "ready" and sends until it is ended
"""

import logging
import os
import re
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config import settings
from pulse import scheduler
from pulse.db import main
from surveys.delivery.sender import send_due

NAME = re.compile(rb"^Message-ID: <([0-9]+)\.[0-9a-f]+@", re.MULTILINE | re.IGNORECASE)


class Bookkeeper:
    """Takes every mail, and has its number written down before it says so."""

    def __init__(self, file: Path) -> None:
        self._book = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The whole message is there."""
        content: Any = envelope.content
        found = NAME.search(content)
        os.write(self._book, (found[1] if found else b"?") + b"\n")
        return "250 OK"


class FreePort(Controller):
    """A controller on a port that the system chooses."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = server.sockets[0].getsockname()[1]
        super()._trigger_server()


def serve(file: Path) -> None:
    """Take mail until told to end."""
    controller = FreePort(Bookkeeper(file), hostname="127.0.0.1", port=0)
    controller.start()
    print(controller.port, flush=True)
    signal.sigwait({signal.SIGTERM})
    controller.stop()


def send() -> None:
    """Send what is due until told to end, as the clock does."""
    known = settings()
    main.connect(known.database_url)
    watch = scheduler.Watch("send", timedelta(seconds=2), lambda now: send_due(main, known, now))
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: ended.set())
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    print("ready", flush=True)
    clock = scheduler.start(main, [], known.zone, [watch])
    ended.wait()
    clock.shutdown(wait=True)


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        serve(Path(sys.argv[2]))
    else:
        send()
