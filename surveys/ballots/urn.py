"""The urn: employees' ballots, in a database of their own that holds neither person nor time nor order."""

import enum
import hashlib
import hmac
import json
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import JSON, bindparam, delete, func, insert, select, text
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from pulse.db import Database
from surveys.ballots.models import Ballot, Code, Remark, Rewritten

urn = Database()  # under the role that casts: on PostgreSQL it may call four functions and read nothing
urn_tally = Database()  # under the role that counts
KEY_BYTES = 16
NONCE_BYTES = 32
BATCH = 5000


class Outcome(enum.Enum):
    """What became of a ballot that was cast."""

    COUNTED = "counted"
    ALREADY = "already"  # this very ballot is in the urn
    ALTERED = "altered"  # another one of the same nonce is, and stays
    UNKNOWN = "unknown"  # no such printed code, or it has been used


@dataclass(frozen=True)
class Tally:
    """The scores of one ballot unit about one irritant, in hundredths of a point."""

    unit: str
    irritant: str
    n: int
    total: int
    squares: int


def cast(
    session: Session,
    wave: date,
    unit: str,
    scores: Mapping[str, int],
    remark: str,
    *,
    nonce: bytes | None = None,
) -> Outcome:
    """Put one ballot into the urn, once.

    session -- of the urn's database
    wave -- the month answered about
    unit -- code of the ballot unit, the smallest group an answer is ever attributed to
    scores -- code of a measure to hundredths of a point; "not concerned" and skipped ones are left out
    remark -- a comment, kept under a key of its own: nobody sees which scores it came with
    nonce -- of the blind ballot; drawn at random, and so never repeated, where none is given

    Kept are a digest of the nonce, a seal under it and a random key: nothing of who, when, in which language
    or after whom.
    """
    row = sealed(nonce or secrets.token_bytes(NONCE_BYTES), scores, remark)
    row |= {"wave": wave, "unit": unit}
    if session.get_bind().dialect.name == "postgresql":
        return Outcome(
            _called(session, "cast_ballot(:key, :wave, :unit, :scores, :seal, :own, :remark)", row)
        )
    return _cast(session, row)


def cast_by_code(
    session: Session, digest: bytes, wave: date, scores: Mapping[str, int], remark: str
) -> Outcome:
    """Use a printed code up and put a ballot of its unit into the urn, or neither (UNKNOWN).

    The ballot's key is random: nothing leads from the code that was used to the answers given by it.
    """
    row = sealed(secrets.token_bytes(NONCE_BYTES), scores, remark) | {"digest": digest, "wave": wave}
    if session.get_bind().dialect.name == "postgresql":
        call = "cast_by_code(:digest, :key, :wave, :scores, :seal, :own, :remark)"
        return Outcome(_called(session, call, row))
    mine = delete(Code).where(Code.digest == digest, Code.wave == wave).returning(Code.unit)
    unit = session.scalar(mine)
    return Outcome.UNKNOWN if unit is None else _cast(session, row | {"unit": unit})


def unit_of_code(session: Session, digest: bytes, wave: date) -> str | None:
    """The unit an unused printed code answers for; None for an unknown or used one."""
    if session.get_bind().dialect.name == "postgresql":
        return _called(session, "unit_of_code(:digest, :wave)", {"digest": digest, "wave": wave})
    return session.scalar(select(Code.unit).where(Code.digest == digest, Code.wave == wave))


def add_codes(session: Session, wave: date, unit: str, digests: Iterable[bytes]) -> None:
    """Make printed codes good for one answer each in a wave and unit; known by their digests alone."""
    for digest in sorted(digests):
        row = {"digest": digest, "wave": wave, "unit": unit}
        if session.get_bind().dialect.name == "postgresql":
            _called(session, "add_code(:digest, :wave, :unit)", row)
        else:
            session.execute(insert(Code).values(**row))


def sealed(nonce: bytes, scores: Mapping[str, int], remark: str) -> dict[str, object]:
    """What is kept of a ballot, and a random key for its remark."""
    content = dict(sorted(scores.items()))
    said = json.dumps([content, remark], ensure_ascii=False, separators=(",", ":"))
    return {
        "key": hashlib.sha256(nonce).digest(),
        "scores": content,
        "seal": hmac.digest(nonce, said.encode(), "sha256"),
        "own": secrets.token_bytes(KEY_BYTES),
        "remark": remark,
    }


def _cast(session: Session, row: Mapping[str, object]) -> Outcome:
    kept = {name: row[name] for name in ("key", "wave", "unit", "scores", "seal")}
    mine = insert_sqlite(Ballot).values(**kept).on_conflict_do_nothing().returning(Ballot.key)
    if session.execute(mine).first() is None:
        seal = session.scalar(select(Ballot.seal).where(Ballot.key == row["key"]))
        return Outcome.ALREADY if seal == row["seal"] else Outcome.ALTERED
    if row["remark"]:
        values = {"key": row["own"], "wave": row["wave"], "unit": row["unit"], "text": row["remark"]}
        session.execute(insert(Remark).values(**values))
    return Outcome.COUNTED


def _called(session: Session, call: str, row: Mapping[str, object]) -> str | None:
    """Call one of the urn's functions (migrations/urn): all that the casting role may do."""
    statement = text(f"SELECT {call}")
    if ":scores" in call:
        statement = statement.bindparams(bindparam("scores", type_=JSON))
    wanted = {name: value for name, value in row.items() if f":{name}" in call}
    found: str | None = session.scalar(statement, wanted)
    return found


def arrived(session: Session, wave: date) -> tuple[int, int]:
    """How many ballots of a wave there are, and how many of them came after the urn was last rewritten.

    For the urn's own upkeep: told to nobody, for nobody is to see a wave fill up.
    """
    there = session.scalar(select(func.count()).where(Ballot.wave == wave)) or 0
    done = session.get(Rewritten, wave)
    return there, there - (done.ballots if done else 0)


def note_rewritten(session: Session, wave: date, ballots: int) -> None:
    """Note that so many ballots of a wave lie in the order of their keys."""
    session.merge(Rewritten(wave=wave, ballots=ballots))


def tally(session: Session, wave: date, asked: Mapping[str, Collection[str]]) -> list[Tally]:
    """Count a wave's ballots; one row for each unit and irritant that was answered, in alphabetical order.

    asked -- unit code to the codes of the irritants it was asked about; anything else is not counted
    """
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for unit, scores in _ballots(session, wave):
        for irritant, score in scores.items():
            if irritant in asked.get(unit, ()) and 0 <= score <= 1000:
                counted = sums[unit, irritant]
                counted[0] += 1
                counted[1] += score
                counted[2] += score * score
    return [Tally(*address, *sums[address]) for address in sorted(sums)]


def _ballots(session: Session, wave: date) -> Iterator[tuple[str, dict[str, int]]]:
    rows = select(Ballot.unit, Ballot.scores).where(Ballot.wave == wave)
    yield from session.execute(rows.execution_options(yield_per=BATCH))
