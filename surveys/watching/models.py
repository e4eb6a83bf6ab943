"""What administrators were warned of."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base


class Alert(Base):
    """Something that needs an administrator, from when it was seen until it is over: told once by mail.

    kind, subject -- what is wrong, and with what: a job's name, a wave's month
    """

    __tablename__ = "alert"

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    over_at: Mapped[datetime | None]
