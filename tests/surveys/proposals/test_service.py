"""From customers' own words to a pair of questions that both sides are asked."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from pulse.organisation.models import Asked, Irritant
from pulse.organisation.service import Pair
from pulse.people.models import AuditEntry
from surveys.cases import service as cases
from surveys.proposals import queries, service
from surveys.proposals.models import Proposal, ProposalMember, ProposalState
from surveys.proposals.nightly import regroup
from surveys.responses.customer import _met
from surveys.responses.models import Held, Response
from surveys.waves.models import WaveQuestion, WaveTeam
from surveys.waves.service import open_due
from tests.surveys.answering import days, said
from tests.surveys.conftest import PARIS

TODAY = date(2026, 11, 9)
NOW = datetime(2026, 11, 9, 2, tzinfo=UTC)
BICYCLES = (
    "No place for my bicycle",
    "Where to park bicycles?",
    "There is no bicycle rack, call 06 12 34 56 78",
)
MUSIC = ("The music was too loud", "Loud music everywhere", "Music so loud, please turn it down")
PAIR = Pair(
    "No place for bicycles",
    "Pas de place pour les vélos",
    "How much did the lack of a place for your bicycle bother you?",
    "À quel point le manque de place pour votre vélo vous a-t-il gêné\u202f?",
    "How much did the lack of a place for bicycles land on you this month?",
    "À quel point le manque de place pour les vélos est-il retombé sur vous ce mois-ci\u202f?",
)


def wrote(database, railway, *texts: str, **how) -> list[int]:
    return [said(database, railway, text, **({"when": NOW - days(9)} | how)) for text in texts]


def night(database, now=NOW) -> str:
    return regroup(database, now, now.astimezone(PARIS).date())


def proposals(database, state=ProposalState.OPEN) -> dict[int, set[int]]:
    with database.reading() as session:
        rows = (
            select(Proposal.id, ProposalMember.response_id)
            .join(ProposalMember)
            .where(Proposal.state == state)
        )
        found: dict[int, set[int]] = {}
        for proposal, response in session.execute(rows):
            found.setdefault(proposal, set()).add(response)
        return found


def accept(database, railway, number: int, *places: str) -> Irritant:
    with database.writing() as session:
        session.expire_on_commit = False
        places_of = [railway.touchpoints[place].id for place in places or ("station",)]
        mine = session.get_one(Proposal, number)
        by = railway.people[0].id
        return service.accept(session, mine, PAIR, places_of, by=by, now=NOW, day=TODAY)


@pytest.fixture
def bicycles(database, railway) -> int:
    """The proposal of those who find no place for their bicycle."""
    wrote(database, railway, *BICYCLES, score=600)
    night(database)
    (number,) = proposals(database)
    return number


def test_the_night_proposes_what_three_have_written_and_shows_it_masked(database, railway):
    wrote(database, railway, *BICYCLES, score=600)
    wrote(database, railway, BICYCLES[0], at="phone", when=NOW - days(40), score=1000)
    wrote(database, railway, *MUSIC[:2])
    assert night(database) == "en: 1 proposals open from 6 answers; fr: 0 proposals open from 0 answers"
    with database.reading() as session:
        (found,) = queries.summaries(session, decided=False)
        assert (found.size, found.score) == (4, 700)
        assert [(month, number) for month, number in found.months] == [
            (date(2026, 9, 1), 1),
            (date(2026, 10, 1), 3),
        ]
        assert [(place.code, number) for place, number in found.places] == [("station", 3), ("phone", 1)]
        assert "There is no bicycle rack, call […]" in found.examples
        assert len(found.examples) == 3


def test_answers_kept_apart_old_ones_and_ticked_ones_propose_nothing(sqlite, small_railway):
    database, railway = sqlite, small_railway
    wrote(database, railway, *BICYCLES[:2])
    wrote(database, railway, BICYCLES[2], held=Held.TRAP)
    wrote(database, railway, BICYCLES[2], when=NOW - days(366))
    wrote(database, railway, *[""] * 5)
    night(database)
    assert proposals(database) == {}


def test_languages_are_grouped_apart(sqlite, small_railway):
    database, railway = sqlite, small_railway
    wrote(database, railway, *BICYCLES)
    wrote(
        database,
        railway,
        "Pas de place pour mon vélo",
        "Où garer les vélos ?",
        "Un abri à vélos !",
        language="fr",
    )
    night(database)
    with database.reading() as session:
        assert sorted(session.scalars(select(Proposal.language))) == ["en", "fr"]


def test_a_proposal_stays_itself_while_it_grows_and_goes_when_nothing_holds_it(database, railway, bicycles):
    wrote(database, railway, "No bicycle rack at all", *MUSIC)
    night(database)
    found = proposals(database)
    assert len(found) == 2
    assert len(found[bicycles]) == 4
    with database.writing() as session:
        for number in sorted(found[bicycles])[:3]:
            session.delete(session.get_one(Response, number))
    night(database)
    assert bicycles not in proposals(database)


def test_an_accepted_proposal_is_shown_to_customers_at_once_and_to_employees_from_the_next_wave(
    database, railway, bicycles
):
    with database.writing() as session:
        assert open_due(session, NOW, zone=PARIS, k=5) is not None
    irritant = accept(database, railway, bicycles)
    with database.reading() as session:
        station, phone = (railway.touchpoints[code].id for code in ("station", "phone"))
        assert "no-place-for-bicycles" in {met.code for met in _met(session, station, NOW.date())}
        assert "no-place-for-bicycles" not in {met.code for met in _met(session, phone, NOW.date())}
        asked = select(WaveQuestion.wave_id).where(WaveQuestion.measure_id == irritant.id)
        assert session.scalars(asked).all() == []  # the wave that is open has its questions frozen
    with database.writing() as session:
        later = open_due(session, datetime(2026, 12, 2, 10, tzinfo=UTC), zone=PARIS, k=5)
        assert later.month == date(2026, 12, 1)
        rows = select(WaveQuestion.unit_id, WaveQuestion.words_fr, WaveQuestion.words_en).where(
            WaveQuestion.wave_id == later.id, WaveQuestion.measure_id == irritant.id
        )
        found = session.execute(rows).all()
        units = {
            railway.teams[code].id: session.get_one(WaveTeam, (later.id, railway.teams[code].id)).unit_id
            for code in ("north", "south")
        }
    assert {unit for unit, _, _ in found} >= set(units.values())
    assert {tuple(words) for _, *words in found} == {(PAIR.employee_question_fr, PAIR.employee_question_en)}


def test_it_is_asked_even_where_nine_others_are_raised_more(database, railway, bicycles):
    with database.writing() as session:
        railway.session, session.expire_on_commit = session, False
        for number in range(20):
            railway.irritant(f"x{number}", "station")
    irritant = accept(database, railway, bicycles)
    with database.writing() as session:
        wave = open_due(session, NOW, zone=PARIS, k=5)
        rows = select(WaveQuestion.unit_id).where(
            WaveQuestion.wave_id == wave.id, WaveQuestion.measure_id == irritant.id
        )
        north = session.get_one(WaveTeam, (wave.id, railway.teams["north"].id)).unit_id
        assert north in session.scalars(rows).all()


def test_teams_with_a_list_of_their_own_have_it_added_where_they_are_near(database, railway, bicycles):
    with database.writing() as session:
        for team in ("north", "desk"):
            listed = Asked(team_id=railway.teams[team].id, irritant_id=railway.irritants["delay"].id)
            session.add(listed)
    irritant = accept(database, railway, bicycles)
    with database.reading() as session:
        rows = select(Asked.team_id, Asked.since).where(Asked.irritant_id == irritant.id)
        assert session.execute(rows).all() == [(railway.teams["north"].id, date(2026, 11, 1))]


def test_what_was_made_of_it_is_audited_and_cannot_be_made_twice(database, railway, bicycles):
    accept(database, railway, bicycles)
    with pytest.raises(service.AlreadyDecided):
        accept(database, railway, bicycles)
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.subject) == ("irritant added", "no-place-for-bicycles")
        assert len(session.scalars(select(Irritant).where(Irritant.added == TODAY)).all()) == 1


def test_two_irritants_of_one_name_have_codes_of_their_own(database, railway, bicycles):
    wrote(database, railway, *MUSIC)
    night(database)
    (other,) = set(proposals(database)) - {bicycles}
    codes = {accept(database, railway, number).code for number in (bicycles, other)}
    assert codes == {"no-place-for-bicycles", "no-place-for-bicycles-2"}


def test_a_merged_proposal_is_asked_about_where_customers_brought_it_up(database, railway, bicycles):
    wrote(database, railway, BICYCLES[0], at="phone")
    night(database)
    with database.writing() as session:
        into = session.get_one(Irritant, railway.irritants["queue"].id)
        mine, by = session.get_one(Proposal, bicycles), railway.people[0].id
        places = [railway.touchpoints[code].id for code in ("station", "phone")]
        service.merge(session, mine, into, places, by=by, now=NOW, day=TODAY)
    with database.reading() as session:
        into = session.get_one(Irritant, railway.irritants["queue"].id)
        assert {place.code for place in into.touchpoints} == {"station", "phone"}
        assert session.get_one(Proposal, bicycles).state is ProposalState.MERGED


def test_a_dismissed_proposal_takes_in_more_of_the_same_until_it_is_opened_again(database, railway, bicycles):
    with database.writing() as session:
        mine, by = session.get_one(Proposal, bicycles), railway.people[0].id
        service.dismiss(session, mine, "We have racks", by=by, now=NOW)
    wrote(database, railway, "No bicycle rack at all", "Bicycles have no place")
    night(database)
    assert proposals(database) == {}
    assert len(proposals(database, ProposalState.DISMISSED)[bicycles]) == 5
    with database.writing() as session:
        service.reopen(session, session.get_one(Proposal, bicycles), by=railway.people[0].id)
    night(database)
    assert set(proposals(database)) == {bicycles}


def test_whoever_wrote_it_and_may_be_contacted_counts_as_having_named_the_irritant(database, railway):
    numbers = wrote(database, railway, *BICYCLES, contact="ana@example.org")
    with database.writing() as session:
        cases.open_wished(session, NOW, zone=PARIS)
    night(database)
    (number,) = proposals(database)
    with database.reading() as session:
        assert service.named(session) == []
    irritant = accept(database, railway, number)
    with database.reading() as session:
        assert sorted(service.named(session)) == [(response, irritant.id) for response in numbers]


def test_an_erased_answer_leaves_its_proposal(database, railway, bicycles):
    (members,) = proposals(database).values()
    with database.writing() as session:
        session.delete(session.get_one(Response, min(members)))
    assert proposals(database)[bicycles] == members - {min(members)}
    with database.reading() as session:
        assert queries.summary(session, bicycles).examples == ()  # two are too few to be shown
