"""The permission of a customer to answer once."""

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from pulse.db import Base


class Invitation(Base):
    """A single-use link about one interaction at a touchpoint; only a hash of the link is stored."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    touchpoint_id: Mapped[int] = mapped_column(ForeignKey("touchpoint.id"))
    interaction: Mapped[str] = mapped_column(unique=True)
    happened_on: Mapped[date]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
