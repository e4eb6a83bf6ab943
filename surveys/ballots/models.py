"""Tables of blind ballots: keys and proofs of purge in the main database, ballots in the urn's own."""

from datetime import date

from sqlalchemy import JSON, ForeignKey, LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pulse.db import NAMES, TYPES, Base


class SpareKey(Base):
    """A key made ahead, waiting for the next wave (PKCS #8 in DER)."""

    __tablename__ = "spare_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    private: Mapped[bytes] = mapped_column(LargeBinary)


class UnitKey(Base):
    """The key of a ballot unit in a wave, frozen at opening.

    people -- of the unit when the wave opened
    public -- SubjectPublicKeyInfo in DER
    private -- PKCS #8 in DER; none once nobody can draw a ballot any more
    proof -- the way to the wave's fingerprint: [[1 for a neighbour on the left or 0, its hash], ...]
    """

    __tablename__ = "unit_key"

    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)
    people: Mapped[int]
    public: Mapped[bytes] = mapped_column(LargeBinary)
    private: Mapped[bytes | None] = mapped_column(LargeBinary)
    proof: Mapped[list[list[int | str]]] = mapped_column(JSON)


class WaveFingerprint(Base):
    """The root of the tree over all public keys of a wave, in hexadecimal digits."""

    __tablename__ = "wave_fingerprint"

    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    root: Mapped[str]


class CodeSheet(Base):
    """The printed codes of a ballot unit in a wave were made: once, as many as people answer by code."""

    __tablename__ = "code_sheet"

    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("team.id"), primary_key=True)


class Purge(Base):
    """The proof that something was deleted for good: what, of which month, when, how many rows.

    digest -- SHA-256 over the deleted rows in the order of their keys
    """

    __tablename__ = "purge"

    what: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    purged_on: Mapped[date]
    rows: Mapped[int]
    digest: Mapped[str]


class UrnBase(DeclarativeBase):
    """All tables of the urn's database; none refers to the main one, and none knows a time of day."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = TYPES


class Ballot(UrnBase):
    """One employee's scores: codes of measures to hundredths of a point.

    key -- SHA-256 of the ballot's nonce, which is not kept: nobody draws the same again
    seal -- HMAC-SHA256 of scores and comment under the nonce: tells a replay from an alteration, and as the
            nonce is not kept, nobody can try out which scores it seals
    """

    __tablename__ = "ballot"
    __table_args__ = {"sqlite_with_rowid": False}

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    wave: Mapped[date]
    unit: Mapped[str]
    scores: Mapped[dict[str, int]] = mapped_column(JSON)
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))


class Remark(UrnBase):
    """One comment, apart from the scores sent with it and from every other comment."""

    __tablename__ = "remark"
    __table_args__ = {"sqlite_with_rowid": False}

    key: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    wave: Mapped[date]
    unit: Mapped[str]
    text: Mapped[str]


class Code(UrnBase):
    """A printed code that has not been used: an HMAC of it under the secret key, its wave and unit."""

    __tablename__ = "code"
    __table_args__ = {"sqlite_with_rowid": False}

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    wave: Mapped[date]
    unit: Mapped[str]


class Rewritten(UrnBase):
    """How many ballots of a wave have been written anew in the order of their keys."""

    __tablename__ = "rewritten"

    wave: Mapped[date] = mapped_column(primary_key=True)
    ballots: Mapped[int]


class Entered(UrnBase):
    """A ballot of a wave not counted yet that backups hold: each holds those that the one before it held.

    Of every unit at least k enter at once, and at least k stay out until the wave is counted, so that two
    backups compared never show fewer than k ballots apart (surveys.keeping.batches).
    """

    __tablename__ = "entered"
    __table_args__ = {"sqlite_with_rowid": False}

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    wave: Mapped[date]
