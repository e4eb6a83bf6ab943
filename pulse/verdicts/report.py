"""What `flask verdicts`, `flags` and `changes` print: the contract's columns, the same bytes everywhere."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from pulse.exports import cell
from pulse.months import written
from pulse.organisation.models import Fix
from pulse.verdicts.changes import History, histories
from pulse.verdicts.models import Flag, Verdict

Row = Mapping[str, str]
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

COLUMNS = [
    "as_of",
    "revision",
    "fix",
    "irritant",
    "verdict",
    "reason",
    "alternative_fix",
    "probability",
    "customer_effect",
    "customer_low",
    "customer_high",
    "staff_effect",
    "staff_low",
    "staff_high",
    "landing_team",
    "landing_irritant",
    "landing_hops",
    "landing_effect",
    "landing_low",
    "landing_high",
    "flag",
    "first_flagged",
]
FLAG_COLUMNS = [
    "fix",
    "irritant",
    "flag",
    "raised_on",
    "state",
    "owner",
    "landing_team",
    "landing_irritant",
    "landing_hops",
]
CHANGE_COLUMNS = [
    "irritant",
    "direction",
    "month",
    "earliest",
    "latest",
    "evidence",
    "first_reported",
    "last_reported",
    "state",
    "fix",
]


def verdicts(session: Session, *, as_of: date | None, history: bool, revisions: bool) -> list[Row]:
    """The rows of `flask verdicts`, by date, fix and revision.

    as_of -- the look of that date: of the last closed month on or before it
    history -- all original looks (up to as_of); revisions -- all looks with the recomputed rows as well
    Without any of them the newest verdict of each fix, which for a fix whose 24 months of monitoring are
    over is its last one.
    """
    within: list[ColumnElement[bool]] = [] if as_of is None else [Verdict.as_of <= as_of]
    if as_of is not None and not history and not revisions:
        within = [Verdict.as_of == select(func.max(Verdict.as_of)).where(*within).scalar_subquery()]
    found = session.scalars(
        select(Verdict)
        .where(*within)
        .options(joinedload(Verdict.fix).joinedload(Fix.irritant))
        .order_by(Verdict.as_of, Verdict.revision)
    ).all()
    if not revisions:
        found = (
            [verdict for verdict in found if verdict.revision == 0]
            if history
            else list({verdict.fix_id: verdict for verdict in found}.values())
        )
    ordered = sorted(found, key=lambda verdict: (verdict.as_of, verdict.fix.code, verdict.revision))
    return [_row(verdict) for verdict in ordered]


def _row(verdict: Verdict) -> Row:
    effects = {
        name: _points(getattr(verdict, name))
        for side in ("customer", "staff", "landing")
        for name in (f"{side}_effect", f"{side}_low", f"{side}_high")
    }
    return {
        "as_of": verdict.as_of.isoformat(),
        "revision": str(verdict.revision),
        "fix": verdict.fix.code,
        "irritant": verdict.fix.irritant.code,
        "verdict": verdict.outcome.value,
        "reason": verdict.reason.value if verdict.reason else "",
        "alternative_fix": verdict.alternative_fix or "",
        "probability": "" if verdict.probability is None else f"{verdict.probability:.3f}",
        **effects,
        "landing_team": verdict.landing_team or "",
        "landing_irritant": verdict.landing_irritant or "",
        "landing_hops": "" if verdict.landing_hops is None else str(verdict.landing_hops),
        "flag": "1" if verdict.first_flagged else "0",
        "first_flagged": verdict.first_flagged.isoformat() if verdict.first_flagged else "",
    }


def _points(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def flags(session: Session) -> list[Row]:
    """The rows of `flask flags`: every flag ever raised, oldest first."""
    rows = session.scalars(
        select(Flag).options(joinedload(Flag.fix).joinedload(Fix.irritant), joinedload(Flag.verdict))
    ).all()
    return [
        {
            "fix": flag.fix.code,
            "irritant": flag.fix.irritant.code,
            "flag": flag.outcome.value,
            "raised_on": flag.raised_on.isoformat(),
            "state": flag.state.value,
            "owner": flag.owner or "",
            "landing_team": flag.verdict.landing_team or "",
            "landing_irritant": flag.verdict.landing_irritant or "",
            "landing_hops": "" if flag.verdict.landing_hops is None else str(flag.verdict.landing_hops),
        }
        for flag in sorted(rows, key=lambda flag: (flag.raised_on, flag.fix.code, flag.outcome.value))
    ]


def changes(session: Session) -> list[Row]:
    """The rows of `flask changes`: every change ever reported, oldest first, by its newest sighting."""
    order = ("first_reported", "irritant", "direction", "month")
    rows = [_change(history) for history in histories(session)]
    return sorted(rows, key=lambda row: [row[column] for column in order])


def _change(history: History) -> Row:
    told, change = history.newest, history.change
    return {
        "irritant": told.irritant,
        "direction": "more" if told.more else "less",
        "month": written(told.month),
        "earliest": written(told.earliest),
        "latest": written(told.latest),
        "evidence": f"{told.evidence:.1f}",
        "first_reported": history.first.isoformat(),
        "last_reported": history.last.isoformat(),
        "state": change.state.value,
        "fix": change.fix.code if change.fix else "",
    }


def as_csv(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """The rows as CSV with a header line, lines ended by a newline; no text in it becomes a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: _defused(row[column]) for column in columns} for row in rows)
    return text.getvalue()


def _defused(value: str) -> str:
    """A value as a spreadsheet may open it: a number stays one, its sign included."""
    return value if NUMBER.fullmatch(value) else cell(value)


def as_json(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """The rows as a JSON list of objects; what is not known is null, numbers stay as printed in the CSV."""
    return (
        json.dumps([{c: row[c] or None for c in columns} for row in rows], ensure_ascii=False, indent=1)
        + "\n"
    )


def as_table(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """The rows in aligned columns for a terminal; columns that are empty throughout are left out."""
    used = [column for column in columns if any(row[column] for row in rows)]
    width = {column: max(len(column), *(len(row[column]) for row in rows)) for column in used}
    lines = [{column: column for column in used}, *rows]
    return "".join("  ".join(line[c].ljust(width[c]) for c in used).rstrip() + "\n" for line in lines)


FORMATS: dict[str, Callable[[Sequence[Row], Sequence[str]], str]] = {
    "table": as_table,
    "csv": as_csv,
    "json": as_json,
}
