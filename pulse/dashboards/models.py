"""What the pages remember of their readers: when they last looked at the overview, and nothing else."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base


class OverviewVisit(Base):
    """The look somebody saw on the last day they opened the overview, and on the day before that one.

    visited_on -- that last day; seen, seen_before -- the `as_of` of the newest look on it and on the one
                  before it (None = there was none): what is new stays new for a whole day
    """

    __tablename__ = "overview_visit"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    visited_on: Mapped[date]
    seen: Mapped[date | None]
    seen_before: Mapped[date | None]
