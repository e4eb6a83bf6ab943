"""What is deleted for good, when, and the proof of it: ballots, remarks, printed codes, the issuing list."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import DeclarativeBase, Session

from pulse.db import insert_into
from pulse.ledger.models import ClosedMonth
from pulse.organisation.models import Side
from surveys.ballots.models import Ballot, Code, Entered, Purge, Remark
from surveys.waves.models import Issued, Wave, WaveState

LIFE = {
    "ballots": timedelta(days=90),  # after the tally
    "remarks": timedelta(days=365),  # after the tally
    "issuing list": timedelta(days=30),  # after the close
    "printed codes": timedelta(0),  # good for nothing once the wave is closed
}
IN_THE_URN: dict[str, type[DeclarativeBase]] = {"ballots": Ballot, "remarks": Remark, "printed codes": Code}


def due(session: Session, now: datetime) -> dict[str, list[date]]:
    """The months whose ballots, remarks, codes and issuing lists have lived long enough, purged or not."""
    closed = select(Wave).where(Wave.state.in_((WaveState.CLOSED, WaveState.TALLIED))).order_by(Wave.month)
    waves = list(session.scalars(closed))
    counted: dict[date, datetime] = dict(
        session.execute(
            select(ClosedMonth.month, ClosedMonth.closed_at).where(ClosedMonth.side == Side.EMPLOYEE)
        ).all()
    )
    tallied = {wave.month: counted.get(wave.month, wave.closes_at) for wave in waves if _is_tallied(wave)}
    ended = {wave.month: wave.closes_at for wave in waves}
    since = {"ballots": tallied, "remarks": tallied, "issuing list": ended, "printed codes": ended}
    return {
        what: [month for month, moment in moments.items() if now - moment >= LIFE[what]]
        for what, moments in since.items()
    }


def _is_tallied(wave: Wave) -> bool:
    return wave.state is WaveState.TALLIED


def digest(rows: Iterable[Sequence[Any]]) -> tuple[int, str]:
    """How many rows there are, and SHA-256 over all of them in their order.

    The keys among them are random, so that nobody can find out by trying what else a row said.
    """
    hashed, number = hashlib.sha256(), 0
    for row in rows:
        hashed.update(repr(tuple(row)).encode())
        number += 1
    return number, hashed.hexdigest()


def condemned(session: Session, what: str, month: date) -> tuple[int, str]:
    """Number and digest of what the urn still holds of a month; (0, ...) where it is gone."""
    table = _table(IN_THE_URN[what])
    rows = select(table).where(table.c.wave == month).order_by(*table.primary_key)
    return digest(session.execute(rows.execution_options(yield_per=5000)))


def destroy(session: Session, what: str, month: date) -> None:
    """Delete a month's rows from the urn; its file is to be written anew afterwards."""
    table = _table(IN_THE_URN[what])
    session.execute(delete(table).where(table.c.wave == month))
    if what == "ballots":
        session.execute(delete(Entered).where(Entered.wave == month))


def destroy_list(session: Session, month: date) -> tuple[int, str]:
    """Delete who drew a ballot in a month's wave; number and digest of the rows that went."""
    mine = Issued.wave_id.in_(select(Wave.id).where(Wave.month == month))
    rows = select(Issued.wave_id, Issued.person_id, Issued.request).where(mine).order_by(*_keys(Issued))
    found = digest(session.execute(rows))
    session.execute(delete(Issued).where(mine))
    return found


def prove(session: Session, what: str, month: date, rows: int, digest: str, today: date) -> None:
    """Write down that something is deleted; the proof of a purge that was broken off is replaced."""
    said = {"purged_on": today, "rows": rows, "digest": digest}
    proof = insert_into(session, Purge).values(what=what, month=month, **said)
    session.execute(proof.on_conflict_do_update(index_elements=["what", "month"], set_=said))


def _table(model: type[DeclarativeBase]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def _keys(model: type[DeclarativeBase]) -> list[Any]:
    return list(_table(model).primary_key)
