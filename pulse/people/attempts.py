"""Failed attempts to sign in: after a few, an address has to wait."""

import threading
import time
from collections import OrderedDict, deque

ALLOWED = 8  # failures ...
WITHIN = 15 * 60  # ... in so many seconds
REMEMBERED = 10_000  # addresses; the oldest is forgotten first, so that nobody can fill the memory


class Attempts:
    """Failures by e-mail address, known or not, in this process's memory: nothing of it is stored."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def too_many(self, email: str) -> bool:
        """Whether this address has to wait."""
        with self._lock:
            recent = self._failures.get(email, deque())
            while recent and recent[0] < time.monotonic() - WITHIN:
                recent.popleft()
            return len(recent) >= ALLOWED

    def failed(self, email: str) -> None:
        """Remember a failure."""
        with self._lock:
            self._failures.setdefault(email, deque(maxlen=ALLOWED)).append(time.monotonic())
            self._failures.move_to_end(email)
            if len(self._failures) > REMEMBERED:
                self._failures.popitem(last=False)

    def forget(self, email: str) -> None:
        """Start anew after a success."""
        with self._lock:
            self._failures.pop(email, None)
