"""How an attempt to send can fail; a channel that returns has handed the message over."""


class TryLater(Exception):
    """Certainly not sent, and likely to work another time: the connection or the other side failed."""


class Refused(Exception):
    """Certainly not sent, and never will be: the other side will not take this message."""


class PerhapsSent(Exception):
    """The other side fell silent after it had the whole message: it may or may not have taken it."""
