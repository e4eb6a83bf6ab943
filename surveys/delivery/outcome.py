"""How an attempt to send can fail; a channel that returns has handed the message over."""

from datetime import timedelta


class TryLater(Exception):
    """Certainly not sent, and likely to work another time.

    down -- whatever failed would fail for any message: the server is away, or does not know us
    wait -- how long the other side asked to be left alone
    """

    def __init__(self, words: str, *, down: bool = False, wait: timedelta | None = None) -> None:
        super().__init__(words)
        self.down, self.wait = down, wait


class Refused(Exception):
    """Certainly not sent, and never will be: the other side will not take this message.

    nobody -- because nobody can be reached at this address
    """

    def __init__(self, words: str, *, nobody: bool = False) -> None:
        super().__init__(words)
        self.nobody = nobody


class PerhapsSent(Exception):
    """The other side fell silent after it had the whole message: it may or may not have taken it."""
