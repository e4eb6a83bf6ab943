"""What the first run keeps: what an administrator has said. Everything else is read off the data."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base


class StepDone(Base):
    """Something an administrator has said in the first run; name as in surveys.starting.steps.

    done_at -- when; of READY: from when on waves may open
    """

    __tablename__ = "step_done"

    name: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
