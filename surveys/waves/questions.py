"""The questions of a month: four or five irritants for each ballot unit, and eNPS once a quarter."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.correlation.design import Past, Unit, allocate, with_controls
from pulse.i18n import gettext, speaking
from pulse.months import between
from pulse.organisation.models import Indicator, Irritant, Measure, Team
from surveys.questions.enps import ENPS
from surveys.questions.landing import LANDING
from surveys.waves.asked import past, units_asked

MOST = 5  # closed questions: at some ten seconds each what a page of less than a minute holds
QUARTERS = {1, 4, 7, 10}  # months in which one of them is the indicator
INDICATOR = "enps"
FIRST = date(2000, 1, 1)  # months are counted from here, so that a month has the same number for ever


def chosen(
    units: Iterable[Unit], month: date, history: Mapping[str, Mapping[str, Past]], *, most: int
) -> dict[str, tuple[str, ...]]:
    """The irritants each unit is asked about in a month, in the order of their codes. Pure.

    history -- when each unit was asked about what before; most -- irritants on a page

    It depends on nothing but the organisation, its earlier waves and the month: everybody in a unit gets the
    same page, and nobody's page says who they are.
    """
    number = between(FIRST, month)
    return {
        unit.code: tuple(
            sorted(
                allocate(
                    unit.code,
                    number,
                    unit.respondents,
                    unit.asked,
                    unit.watched,
                    questions=most,
                    past=history.get(unit.code, {}),
                )
            )
        )
        for unit in with_controls(list(units))
    }


def rows(
    session: Session,
    month: date,
    units: Mapping[int, Collection[int]],
    people: Mapping[int, int],
    day: date | None = None,
) -> list[dict[str, object]]:
    """The questions of a wave as rows of wave_question without the wave, words included.

    units -- unit's id to the ids of its teams that have people; people -- of each team
    day -- on which the wave opens, None = the last of the month
    """
    indicator = _indicator(session) if month.month in QUARTERS else None
    found = chosen(
        units_asked(session, month, units, people, day),
        month,
        past(session, month),
        most=MOST - (indicator is not None),
    )
    known = {irritant.code: _about(irritant) for irritant in session.scalars(select(Irritant))}
    ids: dict[str, int] = dict(session.execute(select(Team.code, Team.id)).all())
    last = [] if indicator is None else [_about_all(indicator)]
    return [
        {"unit_id": ids[unit], "position": position, **asked}
        for unit, codes in found.items()
        for position, asked in enumerate([known[code] for code in codes] + last)
    ]


def _about(irritant: Irritant) -> dict[str, object]:
    return {
        "measure_id": irritant.id,
        "kind": LANDING.name,
        "words_en": irritant.employee_question_en,
        "words_fr": irritant.employee_question_fr,
    }


def _about_all(indicator: Indicator) -> dict[str, object]:
    words = {}
    for language in ("en", "fr"):
        with speaking(language):
            words[f"words_{language}"] = gettext(
                "How likely are you to recommend working here to a friend or relative?"
            )
    return {"measure_id": indicator.id, "kind": ENPS.name, **words}


def _indicator(session: Session) -> Indicator | None:
    """The measure of eNPS, made where there is none; None where its code names an irritant."""
    found = session.scalar(select(Measure).where(Measure.code == INDICATOR))
    if found is None:
        found = Indicator(
            code=INDICATOR,
            label_en="Would recommend working here (eNPS)",
            label_fr="Recommande d\N{RIGHT SINGLE QUOTATION MARK}y travailler (eNPS)",
        )
        session.add(found)
        session.flush()
    return found if isinstance(found, Indicator) else None
