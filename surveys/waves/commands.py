"""`flask audit-disclosure`: what the works council checks of a wave."""

import sys
from datetime import date
from typing import Any

import click
from sqlalchemy import select

from pulse.db import night
from pulse.ledger.audit import Audit, audit
from pulse.ledger.disclosure import SCORES
from pulse.months import parsed, written
from surveys.waves import rosters
from surveys.waves.models import Wave


class MonthOption(click.ParamType[date]):
    """A month written as YYYY-MM."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The month's first day; anything else is refused in words."""
        try:
            return parsed(str(value))
        except ValueError:
            self.fail(f"{value} is no month: write it as YYYY-MM, such as 2026-11", param, ctx)


@click.command("audit-disclosure")
@click.option("--wave", "month", type=MonthOption(), required=True, help="The month, as YYYY-MM.")
def audit_command(month: date) -> None:
    """Print what the figures of a wave give away at most; ends with 1 where that is too much."""
    with night.reading() as session:
        wave = session.scalar(select(Wave).where(Wave.month == month))
        k = SCORES if wave is None else wave.threshold
        found = audit(session, month, rosters.tree_of(session, month).parents)
    for line in told(month, k, found):
        click.echo(line)
    if found.smallest is not None and found.smallest < k:
        click.echo(f"a set of {found.smallest} people can be worked out: fewer than {k}", err=True)
        sys.exit(1)


def told(month: date, k: int, found: Audit) -> list[str]:
    """The lines of the audit."""
    smallest = "none" if found.smallest is None else str(found.smallest)
    return [
        f"wave: {written(month)}",
        f"threshold: {k}",
        f"figures shown: {found.figures} ({found.standing} of them from an earlier wave)",
        f"smallest remainder: {smallest}",
        f"digest: {found.digest}",
    ]
