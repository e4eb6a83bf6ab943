"""What is retired, not yet begun or taken back is asked of nobody."""

from datetime import UTC, date, datetime

from sqlalchemy import select

from pulse.organisation import service as organisation
from pulse.organisation.models import Irritant
from surveys.responses.customer import _met
from surveys.waves.models import WaveQuestion
from surveys.waves.service import open_due, running_codes
from surveys.waves.watched import near_teams
from tests.surveys.conftest import MONTH, OPENS, PARIS, built

DAY = date(2026, 11, 3)
LATER = datetime(2026, 12, 1, 10, tzinfo=UTC)


def asked_in(session, wave) -> set[str]:
    rows = select(Irritant.code).join(WaveQuestion, WaveQuestion.measure_id == Irritant.id)
    return set(session.scalars(rows.where(WaveQuestion.wave_id == wave.id)))


def shown(session, railway, day: date) -> set[str]:
    return {irritant.code for irritant in _met(session, railway.touchpoints["station"].id, day)}


def test_a_retired_irritant_leaves_customers_pages_at_once_and_the_next_wave(sqlite):
    with sqlite.writing() as session:
        railway = built(session)
        queue = railway.irritants["queue"]
        wave = open_due(session, OPENS, zone=PARIS, k=5)
        assert "queue" in asked_in(session, wave)  # its fix runs

        organisation.retire(session, queue, DAY)

        assert "queue" in asked_in(session, wave)  # what is open keeps its questions
        assert "queue" in shown(session, railway, date(2026, 11, 2))
        assert "queue" not in shown(session, railway, DAY)
        assert "queue" not in asked_in(session, open_due(session, LATER, zone=PARIS, k=5))
        assert near_teams(session, date(2026, 12, 1)) == {}

        organisation.reopen(session, queue)
        assert "queue" in shown(session, railway, DAY)


def test_an_irritant_is_not_asked_before_its_first_day(sqlite):
    with sqlite.writing() as session:
        railway = built(session)
        railway.irritants["hold"].added = date(2026, 12, 1)
        wave = open_due(session, OPENS, zone=PARIS, k=5)
        assert "hold" not in asked_in(session, wave)
        phone = railway.touchpoints["phone"].id
        assert [one.code for one in _met(session, phone, DAY)] == []
        assert [one.code for one in _met(session, phone, date(2026, 12, 1))] == ["hold"]


def test_a_fix_that_was_taken_back_runs_nowhere(sqlite):
    with sqlite.writing() as session:
        railway = built(session)
        fix = railway.fix("seats", started=date(2026, 11, 28))
        assert running_codes(session, MONTH) == {"queue", "seats"}
        fix.stopped = date(2026, 11, 22)
        session.flush()
        assert running_codes(session, MONTH) == {"queue"}
        watched = {one.irritant for near in near_teams(session, MONTH).values() for one in near}
        assert watched == {"queue"}
