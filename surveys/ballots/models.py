"""The urn: a database of its own, with no time, no person and no order in it."""

from datetime import date

from sqlalchemy import JSON, LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pulse.db import NAMES, TYPES


class UrnBase(DeclarativeBase):
    """All tables of the urn's database; none refers to the main one."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = TYPES


class Ballot(UrnBase):
    """One employee's scores: irritant codes to hundredths of a point, under a random key."""

    __tablename__ = "ballot"
    __table_args__ = {"sqlite_with_rowid": False}

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    wave: Mapped[date]
    unit: Mapped[str]
    scores: Mapped[dict[str, int]] = mapped_column(JSON)


class Remark(UrnBase):
    """One comment, apart from the scores sent with it and from every other comment."""

    __tablename__ = "remark"
    __table_args__ = {"sqlite_with_rowid": False}

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    wave: Mapped[date]
    unit: Mapped[str]
    text: Mapped[str]
