"""What is told to those who raised an irritant: words by an analyst, figures by the night."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from pulse.db import Base
from pulse.organisation.models import Fix, Side


class Heard(Base):
    """What one side is told of a fix, in both languages; figures and verdict are never written here.

    side -- who is told: customers see no figure of staff
    said -- what was raised; done -- what was done; next -- what comes next
    published_at -- since when it is on the page; None = a draft
    """

    __tablename__ = "heard"

    fix_id: Mapped[int] = mapped_column(ForeignKey("fix.id"), primary_key=True)
    side: Mapped[Side] = mapped_column(primary_key=True)
    said_en: Mapped[str]
    said_fr: Mapped[str]
    done_en: Mapped[str]
    done_fr: Mapped[str]
    next_en: Mapped[str]
    next_fr: Mapped[str]
    edited_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    fix: Mapped[Fix] = relationship()
