"""The urn: employees' ballots, in a database of their own that holds neither person nor time nor order."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pulse.db import Database
from surveys.ballots.models import Ballot, Remark

urn = Database()  # under the role that casts
urn_tally = Database()  # under the role that counts
KEY_BYTES = 16
BATCH = 5000


@dataclass(frozen=True)
class Tally:
    """The scores of one ballot unit about one irritant, in hundredths of a point."""

    unit: str
    irritant: str
    n: int
    total: int
    squares: int


def cast(session: Session, wave: date, unit: str, scores: Mapping[str, int], remark: str) -> None:
    """Put one ballot into the urn.

    session -- of the urn's database
    wave -- the month answered about
    unit -- code of the ballot unit, the smallest group an answer is ever attributed to
    scores -- irritant code to hundredths of a point; "not concerned" and skipped ones are left out
    remark -- a comment, kept under a key of its own: nobody sees which scores it came with

    Both keys are random: nothing of who, when, in which language or after whom is stored.
    """
    session.execute(
        insert(Ballot).values(key=_key(), wave=wave, unit=unit, scores=dict(sorted(scores.items())))
    )
    if remark:
        session.execute(insert(Remark).values(key=_key(), wave=wave, unit=unit, text=remark))


def _key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


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
