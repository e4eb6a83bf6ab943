"""The night's grouping of what customers wrote in their own words: read, group, and only then write."""

from datetime import date, datetime

from pulse.db import Database
from pulse.i18n import NAMES
from surveys.proposals import service
from surveys.proposals.grouping import groups
from surveys.responses.masking import masked


def regroup(database: Database, now: datetime, day: date) -> str:
    """Bring the proposals of every language up to date; what came of it, in one line."""
    said = []
    for language in sorted(NAMES):
        with database.reading() as session:
            answers = service.words(session, language, now)
        found = groups([masked(words) for _, words in answers])
        night = [([answers[at][0] for at in group.members], group.words) for group in found]
        with database.writing() as session:
            number = service.keep(session, language, night, day)
        said.append(f"{language}: {number} proposals open from {len(answers)} answers")
    return "; ".join(said)
