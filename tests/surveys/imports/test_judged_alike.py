"""A fix put on record on screen is judged like the same fix of a company folder, to the byte."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import time_machine
from sqlalchemy import select

import demo
from pulse.db import Database, main
from pulse.organisation import fixes
from pulse.organisation.models import Fix, Irritant, Place
from pulse.organisation.scope import Dates
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.verdicts import nightly, report
from surveys.imports.load import load
from tests.conftest import made
from tests.pulse.dashboards.told import ANALYST, PASSWORD
from tests.pulse.registering.conftest import sent
from tests.pulse.test_web import sign_in

NIGHT = datetime(2026, 6, 4, 2, tzinfo=UTC)
AHEAD, LATE = "pay-later-instead-of-a-fine-grenoble", "bookings-for-bike-spaces-valence"
WAS = {"pay-later-grenoble": AHEAD, "bike-booking-valence": LATE}
MOVED = "grenoble-crew-local"  # where the first of them starts two months later
REGISTERED = date(2025, 10, 6)


def company(folder: Path) -> tuple[list[dict[str, str]], Path, Path]:
    """The two fixes as a folder writes them, a folder that holds them, and one that does not."""
    whole, without = folder / "whole", folder / "without"
    for target in (whole, without):
        target.mkdir()
        demo.write(demo.company(people=200, months=14, seed=11, last_month=date(2026, 5, 1)), target)
    with (whole / "fixes.csv").open(encoding="utf-8", newline="") as file:
        rows = [row | {"registered": ""} for row in csv.DictReader(file)]
    mine = [row for row in rows if row["fix"] in WAS]
    for row in mine:
        row["fix"] = WAS[row["fix"]]
        row["registered"] = REGISTERED.isoformat() if row["fix"] == LATE else ""
    _write(whole / "fixes.csv", rows)
    _write(whole / "rollouts.csv", [{"fix": AHEAD, "place": MOVED, "started": "2025-10-01"}])
    _write(without / "fixes.csv", [row for row in rows if row not in mine])
    return mine, whole, without


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def verdicts(database: Database) -> str:
    """What the night says of every month, as it is printed."""
    nightly.correlate(database, replay=True, now=NIGHT)
    with database.reading() as session:
        rows = report.verdicts(session, as_of=None, history=True, revisions=False)
        return report.as_csv(rows, report.COLUMNS)


def form(row: dict[str, str], ids: dict[str, int]) -> dict[str, object]:
    """What somebody types who registers a fix of a folder."""
    customer, staff = float(row["expected_customer"]), float(row["expected_staff"])
    return {
        "name_en": row["name"],
        "name_fr": row["name_fr"],
        "irritant": row["irritant"],
        "started": row["started"],
        "staff_task": "nothing",
        "customer_way": "less",
        "customer_points": f"{-customer:.1f}",
        "staff_way": "more",
        "staff_points": f"{staff:.1f}",
        "owner": ANALYST,
        "touchpoints": [ids[code] for code in row["touchpoints"].split("|")],
        "teams": [ids[code] for code in row["teams"].split("|")],
    }


def test_a_fix_of_the_screen_is_judged_like_the_same_fix_of_a_folder(sqlite_addresses, tmp_path):
    mine, whole, without = company(tmp_path)
    main.connect(f"sqlite:///{tmp_path / 'other.sqlite'}")
    (tmp_path / "other.sqlite").write_bytes(
        Path(sqlite_addresses.main.removeprefix("sqlite:///")).read_bytes()
    )
    with main.writing() as session:
        load(session, whole)
    of_the_folder = verdicts(main)

    app = made(sqlite_addresses)
    with main.writing() as session:
        load(session, without)
        analyst = people.add(session, ANALYST, language="en", password=PASSWORD)
        people.grant(session, analyst, Grant.ANALYST)
        ids = dict(session.execute(select(Place.code, Place.id)).all())
    client = app.test_client()
    for day, row in ((date(2025, 6, 2), mine[1]), (REGISTERED, mine[0])):
        with time_machine.travel(datetime(day.year, day.month, day.day, 10, tzinfo=UTC), tick=False):
            sign_in(client, ANALYST)
            assert row["fix"] == (AHEAD if day != REGISTERED else LATE)
            assert sent(client, "/register/fix", do="save", **form(row, ids)).status_code == 303
            if row["fix"] == AHEAD:
                later = sent(client, f"/register/fix/{AHEAD}/dates", **{f"start-{ids[MOVED]}": "2025-10-01"})
                assert later.status_code == 303
    _withdrawn()
    with main.writing() as session:
        assert load(session, without).changes == 0  # a folder that does not know them leaves them alone

    of_the_screen = verdicts(main)
    assert of_the_screen == of_the_folder
    for code in (AHEAD, LATE):
        assert of_the_screen.count(f",{code},") > 5


def _withdrawn() -> None:
    """Put a third fix on record and take it back before it starts: the night knows nothing of it."""
    act = fixes.Act(ANALYST, NIGHT, date(2025, 6, 2))
    with main.writing() as session:
        other = session.scalars(select(Fix).where(Fix.code == AHEAD)).one()
        irritant = session.scalars(select(Irritant).where(Irritant.code == "late")).one()
        values = {**vars(fixes.draft_of(other)), "name_en": "Never begun", "irritant_id": irritant.id}
        fix = fixes.register(session, fixes.Draft(**values), act)
        fixes.roll_out(
            session,
            fix,
            dict.fromkeys((place.id for place in fix.places), Dates(date(2025, 9, 1))),
            act,
            reason="",
            seen=fixes.version(session, fix),
        )
        fixes.withdraw(session, fix, act, reason="no", seen=fixes.version(session, fix))
