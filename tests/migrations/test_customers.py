"""Customers' answers of the time before interactions come along, and go back as they were."""

from datetime import UTC, date, datetime

from sqlalchemy import Date, DateTime, column, insert, select, table

from config import ROOT
from pulse import migrations
from pulse.organisation.models import Indicator
from surveys.invitations.models import Interaction, Invitation, Outcome, Way
from surveys.responses.models import Door, Held, Response, ResponseScore

MAIN = ROOT / "migrations" / "main"
TYPES = {"month": Date(), "happened_on": Date(), "expires_at": DateTime(), "spent_at": DateTime()}
WORDS = ("customer_question_en", "customer_question_fr", "employee_question_en", "employee_question_fr")
MAY, JUNE = date(2026, 5, 1), datetime(2026, 6, 1, 8)
BEFORE = {
    "invitation": [
        {
            "id": number,
            "token_hash": f"hash {number}",
            "interaction": f"call {number}",
            "touchpoint_id": 1,
            "happened_on": date(2026, 5, number),
            "expires_at": JUNE,
            "spent_at": spent,
        }
        for number, spent in ((3, datetime(2026, 5, 5, 9, 30)), (5, datetime(2026, 5, 6, 9, 30)), (8, None))
    ],
    "response": [
        {
            "id": number,
            "invitation_id": invitation,
            "touchpoint_id": 1,
            "month": MAY,
            "comment": words,
            "digest": f"digest {number}",
        }
        for number, invitation, words in ((4, 3, "Slow."), (7, 5, ""))
    ],
    "response_score": [
        {"response_id": number, "irritant_id": about, "score": score}
        for number, about, score in ((4, 1, 1000), (4, 2, 0), (7, 2, 250))
    ],
}


def put(session, name, rows):
    """Insert rows into a table of before, which no model knows any more."""
    names = [column(one, TYPES.get(one)) for one in rows[0]]
    session.execute(insert(table(name, *names)), rows)


def rows(database):
    """What the tables of before hold."""
    with database.reading() as session:
        return {
            name: [
                row._asdict()
                for row in session.execute(
                    select(*(column(one, TYPES.get(one)) for one in known[0]))
                    .select_from(table(name))
                    .order_by(*list(known[0])[:2])
                )
            ]
            for name, known in BEFORE.items()
        }


def filled(database):
    migrations.downgrade(database, MAIN, "0040")
    names = {"name_en": "Desk", "name_fr": "Guichet"}
    labels = {"label_en": "Waiting", "label_fr": "Attente", "kind": "irritant"}
    with database.writing() as session:
        put(session, "place", [{"id": 1, "kind": "touchpoint", "code": "DESK"} | names])
        put(session, "touchpoint", [{"id": 1}])
        put(session, "measure", [{"id": number, "code": f"I{number}"} | labels for number in (1, 2)])
        put(session, "irritant", [{"id": number} | dict.fromkeys(WORDS, "?") for number in (1, 2)])
        for name, known in BEFORE.items():
            put(session, name, known)


def test_links_and_answers_of_before_are_known_by_their_interactions(database):
    filled(database)
    migrations.upgrade(database, MAIN)
    with database.reading() as session:
        links = select(Invitation, Interaction).join(Interaction, Interaction.id == Invitation.interaction_id)
        found = session.execute(links.order_by(Invitation.id)).all()
        assert [(link.id, link.token_hash, seen.code) for link, seen in found] == [
            (number, f"hash {number}", f"call {number}") for number in (3, 5, 8)
        ]
        assert {(link.way, seen.outcome, tuple(seen.contact_keys)) for link, seen in found} == {
            (Way.LINK, Outcome.INVITED, ())
        }
        assert [link.happened_on for link, _ in found] == [seen.happened_at.date() for _, seen in found]
        assert {seen.received_at == seen.happened_at for _, seen in found} == {True}
        assert [link.spent_at is None for link, _ in found] == [False, False, True]
        answers = session.scalars(select(Response).order_by(Response.id)).all()
        assert [(one.id, one.invitation_id, one.comment) for one in answers] == [(4, 3, "Slow."), (7, 5, "")]
        assert {(one.door, one.held, one.once, one.answered_at) for one in answers} == {
            (Door.INVITED, None, None, datetime(2026, 5, 1, tzinfo=UTC))
        }
        scores = [(one.id, score.measure_id, score.score) for one in answers for score in one.scores]
        assert sorted(scores) == [(4, 1, 1000), (4, 2, 0), (7, 2, 250)]


def test_they_go_back_as_they_were_and_what_had_no_place_then_goes(database):
    filled(database)
    assert rows(database) == BEFORE
    migrations.upgrade(database, MAIN)
    with database.writing() as session:
        effort = Indicator(id=9, code="effort", label_en="Effort", label_fr="Effort")
        session.add(effort)
        session.flush()
        session.add(ResponseScore(response_id=4, measure_id=effort.id, score=500))
        for once, held in (("a", None), ("b", Held.BURST)):
            response = Response(touchpoint_id=1, month=date(2026, 5, 1), door=Door.OPEN, held=held, once=once)
            response.answered_at, response.language = datetime(2026, 5, 9, tzinfo=UTC), "fr"
            response.comment = response.other = response.digest = ""
            response.erasure = once
            response.scores = [ResponseScore(measure_id=2, score=750)]
            session.add(response)
        session.flush()
        assert session.scalars(select(Response.id).order_by(Response.id)).all() == [4, 7, 8, 9]
    migrations.downgrade(database, MAIN, "0040")
    assert rows(database) == BEFORE
    migrations.upgrade(database, MAIN)
    migrations.check(database, MAIN)
