"""A PostgreSQL of one's own that can be crashed, and a web server whose workers can be killed."""

import glob
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

from benchmarks.serving import GRANIAN, PATIENCE, SECRET, free_port, stop, wait
from config import ROOT

BINARIES = sorted(glob.glob("/usr/lib/postgresql/*/bin"))  # where Debian keeps them
SETTINGS = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c listen_addresses=127.0.0.1"


class Cluster:
    """A PostgreSQL with nothing switched off that others switch off to be faster."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, free_port()
        self._data = folder / "data"
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            shutil.chown(folder, "postgres")
        self._run("initdb", "--username=pulse", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")

    def start(self) -> None:
        """Start it, and wait until it answers: after a crash that is when it has recovered."""
        options = f"{SETTINGS} -p {self.port} -k {self._folder}"
        self._run("pg_ctl", "start", "--wait", f"--options={options}", f"--log={self._folder / 'log'}")

    def crash(self) -> None:
        """End all of it at once, as a failing machine would: nothing is written out any more."""
        self._run("pg_ctl", "stop", "--mode=immediate", "--wait")

    def _run(self, program: str, *words: str) -> None:
        as_whom = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_whom, f"{BINARIES[-1]}/{program}", f"--pgdata={self._data}", *words]
        subprocess.run(command, check=True, cwd=self._folder, stdout=subprocess.DEVNULL)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster of one's own, started; for as long, PGHOST and its like lead there."""
    folder = Path(tempfile.mkdtemp(prefix="pulse-crashes-"))
    try:
        found = Cluster(folder)
        found.start()
        named = {"PGHOST": "127.0.0.1", "PGPORT": str(found.port), "PGUSER": "pulse", "PGPASSWORD": ""}
        try:
            with patch.dict(os.environ, named):
                yield found
        finally:
            found.crash()
    finally:
        shutil.rmtree(folder)


class Web:
    """A web server with several workers, started as `flask serve` does it, whose workers can be killed."""

    def __init__(self, process: "subprocess.Popen[bytes]", address: str, workers: int) -> None:
        self._process, self.address, self._number = process, address, workers

    def workers(self) -> list[int]:
        """The workers at work, by their process numbers."""
        return [child for child in _children(self._process.pid) if _is_worker(child)]

    def kill(self) -> None:
        """Kill the worker that has been at work longest, as soon as the others are back."""
        until = time.monotonic() + PATIENCE
        while len(there := self.workers()) < self._number and time.monotonic() < until:
            time.sleep(0.005)
        os.kill(min(there, key=_started), signal.SIGKILL)


def _started(process: int) -> int:
    """When a process was started, in ticks of the machine's clock (proc(5))."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])


def _is_worker(process: int) -> bool:
    """Whether a child of the server serves pages: one that helps Python's multiprocessing does not."""
    try:
        command = Path(f"/proc/{process}/cmdline").read_bytes()  # of one that has ended, empty
        return bool(command) and b"resource_tracker" not in command
    except OSError:
        return False


@contextmanager
def web(urls: tuple[str, str], workers: int) -> Iterator[Web]:
    """A web server with so many workers over these databases."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
    env |= {"PULSE_DATABASE_URL": urls[0], "PULSE_URN_URL": urls[1], "PULSE_SECRET_KEY": SECRET}
    port = free_port()
    command = [GRANIAN, "--interface", "wsgi", "--factory", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--no-ws", "--blocking-threads", "4", "--log-level", "critical", "--workers", str(workers)]
    command += ["--respawn-failed-workers", "--respawn-interval", "0.1", "wsgi:create_app"]
    with ExitStack() as running:
        # What each failed request says in its log is counted by its status instead.
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        running.callback(_end, process)
        wait(process, f"http://127.0.0.1:{port}")
        yield Web(process, f"http://127.0.0.1:{port}", workers)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a server, and the workers that a busy machine has kept from ending with it."""
    workers = {worker: _started(worker) for worker in _children(process.pid)}
    stop(process)
    for worker, started in workers.items():
        with suppress(OSError):  # it has ended
            if _started(worker) == started:
                os.kill(worker, signal.SIGKILL)


def _children(process: int) -> list[int]:
    try:
        told = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:  # it has ended
        return []
    return [int(child) for child in told.split()]


@contextmanager
def syncs(processes: Sequence[int]) -> Iterator[Callable[[], int | None]]:
    """Count the calls of these processes by which the disk is made to keep something.

    What it gives tells how many there have been; None where nothing can look at them: that takes strace, and
    the right to use it.
    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        book = Path(folder) / "syncs"
        looking = None
        if shutil.which("strace") is not None:
            named = [word for process in processes for word in ("-p", str(process))]
            command = ["strace", "-f", "-e", "trace=fsync,fdatasync", "-o", str(book), *named]
            looking = subprocess.Popen(command, stderr=subprocess.PIPE)
            running.callback(stop, looking)
            assert looking.stderr is not None
            looking.stderr.readline()  # that it is attached, or why it is not

        def count() -> int | None:
            if looking is None or looking.poll() is not None:
                return None
            return len(re.findall(r"^\d+ +(?:fsync|fdatasync)\(", book.read_text(), re.MULTILINE))

        yield count
