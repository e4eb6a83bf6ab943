"""What those who answer are told of last month: what everybody may see, of their own group."""

from datetime import UTC, date, datetime

import pytest

from pulse.i18n import speaking
from pulse.ledger.disclosure import Extent
from pulse.ledger.models import ClosedMonth, ReleasedCell
from pulse.organisation.models import Indicator, Side
from pulse.verdicts.models import Verdict
from pulse.verdicts.rules import Outcome
from surveys.ballots import issuing
from surveys.responses.answers import seconds
from surveys.responses.outcomes import Figure, outcomes, word
from tests.surveys.conftest import MONTH, OPEN, PARIS, opened

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)


@pytest.fixture
def north(database, railway):
    """The id of somebody in the north, who is asked about the queue in the open November wave."""
    with database.writing() as session:
        opened(session)
    return next(person.id for person in railway.people if person.email.startswith("north"))


@pytest.fixture
def release(database, railway):
    """Puts a figure about the queue where everybody may see it."""

    def put(team, month=OCTOBER, *, score=400, n=25, step=10, extent=Extent.OWN, measure=None, fresh=True):
        with database.writing() as session:
            session.merge(ClosedMonth(side=Side.EMPLOYEE, month=month, closed_at=OPEN, digest="-"))
            session.add(
                ReleasedCell(
                    measure_id=measure or railway.irritants["queue"].id,
                    side=Side.EMPLOYEE,
                    place_id=railway.teams[team].id,
                    extent=extent,
                    month=month,
                    n=n,
                    score=score,
                    step=step,
                    fresh=fresh,
                )
            )

    return put


def told(database, person_id, language="en"):
    with database.reading() as session:
        seat = issuing.place(session, person_id, OPEN, zone=PARIS)
        return outcomes(session, seat, language=language)


def test_before_the_first_month_nothing_is_told(database, north):
    found = told(database, north)
    assert (found.month, found.figures) == (None, ())


def test_a_group_sees_its_own_figure_of_the_newest_month(database, north, release):
    release("north", SEPTEMBER, score=900)
    release("north", score=400)
    release("south", score=700)
    found = told(database, north)
    assert found.month == OCTOBER
    assert found.figures == (Figure("queue", "North", 4.0, 25, rough=False, fresh=True),)
    assert told(database, north, "fr").figures[0].what == "queue (fr)"


def test_where_its_own_is_hidden_the_next_larger_group_is_shown(database, north, release):
    release("head", score=500, n=40, extent=Extent.WHOLE)
    assert [(figure.who, figure.score) for figure in told(database, north).figures] == [("Head", 5.0)]


def test_a_few_answers_are_told_roughly_and_an_old_figure_as_old(database, north, release):
    release("north", score=250, n=10, step=50, fresh=False)
    [figure] = told(database, north).figures
    assert (figure.rough, figure.fresh) == (True, False)


def test_nobody_else_is_told_of_a_neighbours_figure(database, north, release):
    release("south")
    assert told(database, north).figures == ()


@pytest.mark.parametrize(
    ("score", "words"), [(0.0, "Not at all"), (2.6, "A little"), (5.0, "Moderately"), (9.9, "Enormously")]
)
def test_a_score_is_put_into_the_words_of_the_answers(score, words):
    with speaking("en"):
        assert Figure("x", "y", score, 20, rough=False, fresh=True).words == words


def test_a_recommendation_is_told_as_a_net_score(database, north, railway, release):
    from surveys.waves.models import Wave, WaveQuestion

    with database.writing() as session:
        enps = Indicator(code="enps", label_en="Recommending us", label_fr="Recommandation")
        session.add(enps)
        session.flush()
        wave = session.query(Wave).filter_by(month=MONTH).one()
        where = {"wave_id": wave.id, "unit_id": railway.teams["north"].id}
        session.query(WaveQuestion).filter_by(**where, position=0).delete()
        session.add(
            WaveQuestion(
                **where, measure_id=enps.id, position=0, kind="enps", words_en="How likely?", words_fr="?"
            )
        )
        measure = enps.id
    release("north", score=620, measure=measure)
    [figure] = told(database, north).figures
    assert (figure.net, figure.score) == (True, 24.0)


def test_fixes_of_what_is_asked_are_told_with_their_newest_word(database, north, railway):
    with database.writing() as session:
        from pulse.organisation.models import Fix

        fix = session.query(Fix).one()
        for revision, outcome in enumerate((Outcome.RESOLVED, Outcome.DISPLACED)):
            session.add(
                Verdict(
                    fix_id=fix.id,
                    as_of=date(2026, 10, 31),
                    revision=revision,
                    concluded_at=datetime(2026, 11, 1, tzinfo=UTC),
                    outcome=outcome,
                )
            )
    [(fix, verdict)] = told(database, north).fixes
    with speaking("en"):
        assert (fix.code, word(verdict)) == ("fix-queue", "displaced onto staff")
        assert word(None) == "not yet known"


def test_five_questions_are_read_and_answered_in_less_than_a_minute():
    assert [seconds(closed) for closed in (0, 1, 5, 6)] == [0, 11, 53, 64]
