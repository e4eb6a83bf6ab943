"""Runs a web server and ends it gently: nobody new is sent to it first, then what is under way is finished.

`flask serve` becomes this process, which holds nothing but Python's own modules.
"""

import ctypes
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

STOPPING = "SERVE_STOPPING_FILE"  # in the web server's environment: a file that is there from then on
HEARD = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
TO_STOP = {signal.SIGTERM, signal.SIGINT}
A_LOOK = 0.5  # seconds between two looks whether the server answers already
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # where a server listens to all, and where to ask it
DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def run(server: Sequence[str], drain: float, answers: Callable[[], bool]) -> int:
    """Run a web server until it ends or this process is told to stop; what the process is to end with.

    drain -- seconds between saying that the server is about to stop and stopping it: /readyz refuses
             meanwhile, and everything else is answered. Being told once more ends them at once
    answers -- whether the server answers: said once it does, to systemd too

    SIGHUP is handed on: granian and gunicorn then replace their workers one by one.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)  # before the server can die unheard
    folder = Path(tempfile.mkdtemp(prefix="pulse-serve-"))
    mark = folder / "stopping"
    try:
        child = subprocess.Popen(
            server, env=os.environ | {STOPPING: str(mark)}, process_group=0, preexec_fn=_as_child
        )
        return _watch(child, mark, drain, answers)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_child() -> None:
    """In the server's process before it begins: it hears signals again, and does not outlive this one."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
    ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGTERM)


def _watch(child: "subprocess.Popen[bytes]", mark: Path, drain: float, answers: Callable[[], bool]) -> int:
    end: float | None = None  # when the server is to be told; None while nobody wants it to stop
    ready = False
    while child.poll() is None:
        if not ready and end is None and answers():
            ready = True
            _say("answering")
            _tell_systemd("READY=1")
        left = None if ready else A_LOOK
        if end is not None:
            left = max(0.0, end - time.monotonic())
        heard = signal.sigwaitinfo(HEARD) if left is None else signal.sigtimedwait(HEARD, left)
        number = heard.si_signo if heard else None
        if number == signal.SIGHUP:
            child.send_signal(signal.SIGHUP)
        if number in TO_STOP and end is None and drain:
            mark.touch()
            _tell_systemd("STOPPING=1")
            _say(f"about to stop: answering for {drain:g} s more, so that nobody new is sent here")
            end = time.monotonic() + drain
        elif number in TO_STOP or (number is None and end is not None):
            mark.touch()
            _say("stopping: what is under way is finished first")
            child.terminate()
            end = None
            child.wait()
    code = child.returncode
    _say("stopped" if code == 0 else f"the web server ended by itself ({code})")
    return code if code >= 0 else 128 - code


def answering(host: str, port: int) -> bool:
    """Whether a web server here answers."""
    asked = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=2)
    try:
        asked.request("GET", "/healthz")
        return asked.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


def _tell_systemd(state: str) -> None:
    """Tell systemd how far we are (sd_notify(3)), where it wants to know."""
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)


def _say(words: str) -> None:
    print(f"pulse: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    pause, where, at = float(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    sys.exit(run(sys.argv[4:], pause, lambda: answering(where, at)))
