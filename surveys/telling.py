"""What the made-up company has told its customers and staff: a few fixes, in words that fit any of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.heard import service as heard
from pulse.organisation.models import Fix, Side, Team
from pulse.verdicts.newest import newest
from pulse.verdicts.rules import Outcome

TOLD: Final[Sequence[tuple[Outcome, int]]] = ((Outcome.RESOLVED, 2), (Outcome.DISPLACED, 1))
NEXT = {
    (Outcome.RESOLVED, Side.CUSTOMER): (
        "We keep it, and go on asking you.",
        "Nous la gardons, et nous continuons de vous interroger.",
    ),
    (Outcome.RESOLVED, Side.EMPLOYEE): (
        "It stays, and comes to further places next.",
        "Elle reste, et d’autres lieux suivront.",
    ),
    (Outcome.DISPLACED, Side.CUSTOMER): (
        "It stays for you. We are changing how we do it.",
        "Elle reste pour vous. Nous changeons la façon de la faire.",
    ),
    (Outcome.DISPLACED, Side.EMPLOYEE): (
        "It must not stay on you: the teams it landed on are asked what would take it off them.",
        "Cela ne doit pas rester sur vous : nous demandons aux équipes ce qui les soulagerait.",
    ),
}


def tell(session: Session, *, now: datetime, by: int) -> None:
    """Publish a few fixes for both sides. What would name a team to customers is left unsaid."""
    teams = [name for pair in session.execute(select(Team.name_en, Team.name_fr)) for name in pair]
    verdicts = newest(session)
    for outcome, number in TOLD:
        chosen = [fix for fix, verdict in verdicts.items() if verdict.outcome is outcome][:number]
        for fix in session.scalars(select(Fix).where(Fix.id.in_(chosen)).order_by(Fix.code)):
            for side in Side:
                try:
                    heard.keep(
                        session,
                        fix,
                        side,
                        _words(fix, outcome, side),
                        publish=True,
                        teams=teams,
                        now=now,
                        by=by,
                    )
                except heard.TeamNamed:
                    continue


def _words(fix: Fix, outcome: Outcome, side: Side) -> dict[str, str]:
    english, french = NEXT[outcome, side]
    return {
        "said_en": f"{fix.irritant.label_en}: that came up again and again.",
        "said_fr": f"{fix.irritant.label_fr} : cela revenait sans cesse.",
        "done_en": f"{fix.name_en}.",
        "done_fr": f"{fix.name_fr}.",
        "next_en": english,
        "next_fr": french,
    }
