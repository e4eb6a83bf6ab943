"""What senders tell each other: a channel whose server fails rests for all of them."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base


class Trouble(Base):
    """A channel whose server fails, whichever message it is given: none is tried until then.

    times -- how often in a row it failed; the row goes with the first message that the server answers
    """

    __tablename__ = "trouble"

    channel: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    times: Mapped[int]
    until: Mapped[datetime]
    error: Mapped[str]
