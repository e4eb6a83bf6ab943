"""What the codes in a verdict are called: teams, irritants and the other fix."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.i18n import language
from pulse.organisation.models import Fix, Measure, Place, PlaceKind
from pulse.verdicts.models import Verdict

Pair = tuple[str, str]  # in English, in French


@dataclass(frozen=True)
class Names:
    """Names by code, in both languages; a code without a name stands for itself."""

    of_teams: Mapping[str, Pair] = field(default_factory=dict)
    of_irritants: Mapping[str, Pair] = field(default_factory=dict)
    of_fixes: Mapping[str, Pair] = field(default_factory=dict)

    def teams(self, codes: str | None) -> list[str]:
        """The teams of a verdict's list of codes, in the language being spoken."""
        return _spoken(self.of_teams, codes)

    def irritants(self, codes: str | None) -> list[str]:
        """The irritants of a verdict's list of codes, in the language being spoken."""
        return _spoken(self.of_irritants, codes)

    def fixes(self, codes: str | None) -> list[str]:
        """The fixes of a verdict's list of codes, in the language being spoken."""
        return _spoken(self.of_fixes, codes)


def names_in(session: Session, verdicts: Iterable[Verdict]) -> Names:
    """The names of everything these verdicts mention, in at most three queries."""
    seen = list(verdicts)
    teams = _codes(verdict.landing_team for verdict in seen)
    irritants = _codes(verdict.landing_irritant for verdict in seen)
    fixes = _codes(verdict.alternative_fix for verdict in seen)
    of_teams = select(Place.code, Place.name_en, Place.name_fr).where(
        Place.kind == PlaceKind.TEAM, Place.code.in_(teams)
    )
    of_irritants = select(Measure.code, Measure.label_en, Measure.label_fr).where(Measure.code.in_(irritants))
    of_fixes = select(Fix.code, Fix.name_en, Fix.name_fr).where(Fix.code.in_(fixes))
    found = (
        {code: (english, french) for code, english, french in session.execute(query)} if codes else {}
        for codes, query in ((teams, of_teams), (irritants, of_irritants), (fixes, of_fixes))
    )
    return Names(*found)


def _codes(joined: Iterable[str | None]) -> set[str]:
    return {code for codes in joined for code in (codes or "").split("|") if code}


def _spoken(called: Mapping[str, Pair], codes: str | None) -> list[str]:
    which = 1 if language() == "fr" else 0
    return [called[code][which] if code in called else code for code in (codes or "").split("|") if code]
