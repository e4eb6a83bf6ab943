"""What the first run keeps: the steps somebody has looked at and agreed to. The rest is read off the data."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base


class StepDone(Base):
    """A step of the first run that an administrator has confirmed; name as in surveys.starting.steps."""

    __tablename__ = "step_done"

    name: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
