"""What the pages themselves give away, byte by byte: order, ranks, colours, totals, the data inside figures,
alternative texts, lengths, and the history of verdicts.

Two worlds are alike but for answers that no figure tells of: in units that are in no figure, scores are
turned upside down, and where several units make up a shown unit's rest, points are moved from one to the
other. If any page, of any reader, differs between the two worlds, something shown depends on something
hidden. An address that is not a reader's is compared with one that nothing stands behind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from flask.testing import FlaskClient
from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.attacking.families import Result
from benchmarks.attacking.keeping import keep, publish, publish_carelessly, sums
from benchmarks.attacking.made_up import Month, Organisation
from config import ROOT, Settings
from pulse import migrations
from pulse.db import main, night
from pulse.ledger import store
from pulse.ledger.disclosure import SCORES, released, rests
from pulse.ledger.models import Source
from pulse.ledger.store import Sum
from pulse.organisation.models import Fix, Serving, Side, Touchpoint
from pulse.people import login
from pulse.people.models import Grant, Person, PersonGrant
from pulse.verdicts import nightly, report
from surveys.ballots.urn import urn, urn_tally
from wsgi import create_app

SECRET = "a key for attacks only, long enough to be taken"
VOLATILE = re.compile(rb'name="csrf_token"[^>]*>|nonce-[\w+/=-]+|nonce="[^"]*"|data-token="[^"]*"')
NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
POINTS = 250
FIGURES = ("/dashboard", "/fixes", "/fixes/fix", "/flags", "/heat", "/burden", "/chain", "/figures")
HEADS = 4  # managers of units, and of teams, whose pages are read

Page = tuple[int, bytes]


@dataclass(frozen=True)
class World:
    """Every page of every reader, by who and where; and whether foreign addresses look like no address."""

    pages: dict[tuple[str, str], Page]
    foreign: Result


def disguised(month: Month) -> list[Sum]:
    """A wave's tally with other answers where no figure tells of them."""
    found: list[Sum] = []
    cells = sums(month)
    for measure in sorted({cell.measure_id for cell in cells}):
        mine = {cell.place_id: cell for cell in cells if cell.measure_id == measure}
        answers = {place: cell.n for place, cell in mine.items()}
        figures = released(month.parents, answers, SCORES)
        held = rests(month.parents, answers, figures)
        told = figures.own | {team for rest in held.values() for team in rest}
        totals = {place: cell.total for place, cell in mine.items()}
        for place in totals.keys() - told:
            totals[place] = 1000 * answers[place] - totals[place]
        for rest in held.values():
            _moved(rest, totals, answers)
        found += [_with(cell, totals[cell.place_id]) for cell in mine.values()]
    return found


def _moved(rest: Sequence[int], totals: dict[int, int], answers: dict[int, int]) -> None:
    for giver in rest:
        for taker in rest:
            if giver != taker and totals[giver] >= POINTS and totals[taker] + POINTS <= 1000 * answers[taker]:
                totals[giver] -= POINTS
                totals[taker] += POINTS
                return


def _with(cell: Sum, total: int) -> Sum:
    if total == cell.total:
        return cell
    return cell._replace(total=total, squares=min(1000 * total, total * total // cell.n + 1))


def compared(whole: Organisation, *, careless: bool = False) -> dict[str, Result]:
    """Every page of one world held against the same of the other, and foreign against missing addresses."""
    one, other = (_world(whole, hidden=hidden, careless=careless) for hidden in (False, True))
    differ = sum(page != other.pages[where] for where, page in one.pages.items())
    return {
        "pages, byte by byte": Result(len(one.pages), differ),
        "another's address against none": one.foreign + other.foreign,
    }


def _world(whole: Organisation, *, hidden: bool, careless: bool) -> World:
    with TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'main.sqlite'}"
        urns = f"sqlite:///{Path(folder) / 'urn.sqlite'}"
        app = create_app(Settings(database_url=address, urn_url=urns, secret_key=SECRET))
        app.testing = True
        migrations.upgrade(main, ROOT / "migrations" / "main")
        migrations.upgrade(urn, ROOT / "migrations" / "urn")
        keep(main, whole)
        for month in whole.months:
            tally = disguised(month) if hidden else sums(month)
            publish(main, month, tally)
            if careless:
                publish_carelessly(main, month, tally)
        with main.writing() as session:
            heads = _staged(session, whole)
        nightly.correlate(night, replay=True, now=NOW)
        readers = {"analyst": None} | {f"manager of {head}": head for head in heads}
        pages: dict[tuple[str, str], Page] = {}
        foreign = Result(0, 0)
        for number, (reader, head) in enumerate(readers.items()):
            client = _signed_in(app.test_client(), number + 1)
            pages |= {(reader, where): _page(client, where) for where in _addresses(whole, head)}
            if head is not None:
                foreign += _foreign(client, pages, reader, whole)
        pages["everybody", "verdicts"] = (200, _verdicts())
        for place in (main, night, urn, urn_tally):
            place.close()
    return World(pages, foreign)


def _staged(session: Session, whole: Organisation) -> list[int]:
    """A touchpoint, a fix and its customers; an analyst and a manager of each unit. The units headed."""
    parents = whole.months[-1].parents
    units = sorted({parent for parent in parents.values() if parent is not None})
    leaves = sorted(set(parents) - set(units))
    touchpoint = Touchpoint(code="shop", name_en="Shop", name_fr="Magasin")
    session.add(touchpoint)
    session.flush()
    session.execute(
        insert(Serving),
        [{"touchpoint_id": touchpoint.id, "team_id": team} for team in leaves[: len(leaves) // 2]],
    )
    session.add(
        Fix(
            code="fix",
            name_en="Fix",
            name_fr="Fix",
            irritant_id=1,
            started=whole.months[len(whole.months) // 2].month,
        )
    )
    for number, month in enumerate(whole.months):
        level = 600 if number < len(whole.months) // 2 else 300
        cells = [Sum(measure, touchpoint.id, 60, 60 * level, 60 * level * 900) for measure in (1, 2, 3)]
        store.replace(session, Side.CUSTOMER, month.month, Source.LOADED, cells)
        store.close(session, Side.CUSTOMER, month.month, k=SCORES, now=NOW)
    session.add(PersonGrant(person_id=1, grant=Grant.ANALYST, team_id=None))
    heads = [*units[:HEADS], *leaves[:HEADS]]
    for person, head in enumerate(heads, start=2):
        session.add(PersonGrant(person_id=person, grant=Grant.MANAGER, team_id=head))
    return heads


def _signed_in(client: FlaskClient, person_id: int) -> FlaskClient:
    with main.reading() as session:
        key = login.key_of(session.get_one(Person, person_id))
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = key, True
    return client


def _addresses(whole: Organisation, head: int | None) -> list[str]:
    teams = [f"/teams/t{team}" for team in whole.months[-1].parents]
    if head:
        return [*teams, "/teams", "/burden", "/burden?as=json", "/you-said", "/you-said/staff"]
    files = [f"{where}?as=json" for where in FIGURES]
    units = [f"/heat?unit={where.removeprefix('/teams/')}" for where in teams[:HEADS]]
    return [*FIGURES, *files, *units, "/heard", "/you-said", "/you-said/staff", "/teams", *teams]


def _page(client: FlaskClient, where: str) -> Page:
    reply = client.get(where)
    return reply.status_code, VOLATILE.sub(b"", reply.data)


def _foreign(
    client: FlaskClient, pages: dict[tuple[str, str], Page], reader: str, whole: Organisation
) -> Result:
    """Addresses of teams that are not a reader's, against addresses of the same length without a team."""
    teams = {where: page for (who, where), page in pages.items() if who == reader and "/t" in where[1:]}
    refused = [where for where, (status, _) in teams.items() if status != 200]
    differ = 0
    for where in refused:
        nothing = "/teams/x" + where.removeprefix("/teams/t")
        status, body = _page(client, nothing)
        mine = pages[reader, where]
        differ += (status, body.replace(nothing.encode(), b"")) != (
            mine[0],
            mine[1].replace(where.encode(), b""),
        )
    return Result(len(refused), differ)


def _verdicts() -> bytes:
    with night.reading() as session:
        rows = report.verdicts(session, as_of=None, history=True, revisions=False)
    return report.as_csv(rows, report.COLUMNS).encode()
