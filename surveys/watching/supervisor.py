"""Runs a web server and ends it gently: nobody new is sent to it first, then what is under way is finished.

`flask serve` becomes this process, which holds nothing but Python's own modules.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

STOPPING = "SERVE_STOPPING_FILE"  # in the web server's environment: a file that is there from then on
HEARD = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}
TO_STOP = {signal.SIGTERM, signal.SIGINT}
DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def run(server: Sequence[str], drain: float) -> int:
    """Run a web server until it ends or this process is told to stop; what the process is to end with.

    drain -- seconds between saying that the server is about to stop and stopping it: /readyz refuses
             meanwhile, and everything else is answered. Being told once more ends them at once

    SIGHUP is handed on: granian and gunicorn then replace their workers one by one.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)  # before the server can die unheard
    folder = Path(tempfile.mkdtemp(prefix="pulse-serve-"))
    mark = folder / "stopping"
    try:
        child = subprocess.Popen(
            server, env=os.environ | {STOPPING: str(mark)}, process_group=0, preexec_fn=_as_child
        )
        return _watch(child, mark, drain)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_child() -> None:
    """In the server's process before it begins: it hears signals again, and does not outlive this one."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
    ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGTERM)


def _watch(child: "subprocess.Popen[bytes]", mark: Path, drain: float) -> int:
    end: float | None = None  # when the server is to be told; None while nobody wants it to stop
    while child.poll() is None:
        left = max(0.0, end - time.monotonic()) if end is not None else None
        heard = signal.sigwaitinfo(HEARD) if left is None else signal.sigtimedwait(HEARD, left)
        number = heard.si_signo if heard else None
        if number == signal.SIGHUP:
            child.send_signal(signal.SIGHUP)
        if number in TO_STOP and end is None and drain:
            mark.touch()
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


def _say(words: str) -> None:
    print(f"pulse: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(run(sys.argv[2:], float(sys.argv[1])))
