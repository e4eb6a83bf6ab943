"""Drawing and casting over HTTP: one ballot a person, counted once, and nothing that ties the two."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from pulse import db
from pulse.db import main, night
from pulse.people.models import AnswersBy, Membership, Person
from surveys.ballots import blind, issuing, keys, merkle
from surveys.ballots.models import Ballot, Remark, UnitKey
from surveys.ballots.urn import urn, urn_tally
from surveys.responses.ballots import LARGEST
from surveys.waves.models import Issued
from tests.conftest import Addresses, made
from tests.surveys.ballots.voter import BALLOT_HOST, Voter, cast, token_of, voter
from tests.surveys.conftest import OPEN, OVER, Railway, built, opened

ANSWERS = {"queue": "3", "delay": "0"}
OTHER_SITE = "http://127.0.0.1:8000"


@pytest.fixture
def mine(app: Flask, company: Railway) -> Voter:
    """The browser of somebody in the north."""
    return voter(app, "north0@example.org", OPEN)


@pytest.fixture
def sent(mine: Voter, asked_of_north: list[str]) -> dict:
    """A ballot filled in."""
    answers = {code: str(place % 5) for place, code in enumerate(asked_of_north)}
    return mine.draw() | {"answers": answers, "comment": "Cold."}


@pytest.fixture
def asked_of_north(app: Flask, company: Railway) -> list[str]:
    """What the north is asked this month."""
    with db.reading() as session:
        rows = text(
            "SELECT m.code FROM wave_question q JOIN measure m ON m.id = q.measure_id"
            " JOIN place p ON p.id = q.unit_id WHERE p.code = 'north' ORDER BY q.position"
        )
        return list(session.scalars(rows))


def in_the_urn() -> list[tuple[str, dict[str, int]]]:
    with urn_tally.reading() as session:
        return [(ballot.unit, ballot.scores) for ballot in session.scalars(select(Ballot))]


def remarks() -> list[str]:
    with urn_tally.reading() as session:
        return list(session.scalars(select(Remark.text)))


def drawn() -> int:
    with db.reading() as session:
        return len(session.scalars(select(Issued.person_id)).all())


# Drawing


def test_a_ballot_that_was_drawn_is_cast_and_counted(app, sent):
    reply = cast(app, sent)
    assert (reply.status_code, reply.get_json()) == (200, {"status": "counted"})
    [(unit, scores)] = in_the_urn()
    assert (unit, len(scores), remarks()) == ("north", 5, ["Cold."])
    assert set(scores.values()) == {0, 250, 500, 750, 1000}


def test_the_same_request_gets_its_answer_again_and_another_one_gets_none(mine):
    first = mine.ask(mine.blind().message)
    assert mine.ask(mine.blinded.message).get_json() == first.get_json()
    other = mine.ask(mine.blind().message)
    assert (other.status_code, other.get_json()["error"]) == (409, "drawn")
    assert "You have drawn this month" in other.get_json()["message"]
    assert drawn() == 1


def test_refusals_are_told_in_the_readers_language(app, mine):
    mine.draw()
    with db.writing() as session:
        session.execute(update(Person).values(language="fr"))
    assert "Vous avez déjà tiré" in mine.ask(mine.blind().message).get_json()["message"]


NO_REQUESTS = (
    {"blinded": ""},
    {"blinded": None},
    {"blinded": ["x"]},
    {"blinded": "not base64!"},
    {"blinded": "QQ=="},
    {"blinded": issuing.encoded(bytes(256))},
    {"blinded": issuing.encoded(b"\xff" * 256)},
    {"blinded": issuing.encoded(b"\x01" * 255)},
    {"blinded": issuing.encoded(b"\x01" * 257)},
    {"wave": None},
    {"wave": {"a": 1}},
)


def test_what_our_page_cannot_send_is_not_signed_and_uses_up_nothing(mine):
    for more in NO_REQUESTS:
        reply = mine.ask(b"", **more)
        assert (more, reply.status_code, reply.get_json()["error"]) == (more, 400, "malformed")
    assert drawn() == 0


def test_no_body_at_all_is_not_signed_either(app, mine):
    for body in (b"", b"[]", b"{", b"\xff", b"null", b'"text"'):
        token = {"X-CSRFToken": token_of(app)}
        assert mine.client.post("/pulse/ballot", data=body, headers=token).status_code == 400


def test_a_request_of_another_site_is_not_signed(mine):
    reply = mine.ask(mine.blind().message, token="forged")
    assert (reply.status_code, reply.get_json()["error"], drawn()) == (400, "malformed", 0)
    assert mine.client.post("/pulse/ballot", json={}).status_code == 400


def test_a_page_of_an_earlier_wave_draws_nothing(mine):
    reply = mine.ask(mine.blind().message, wave="2026-10")
    assert (reply.status_code, reply.get_json()["error"], drawn()) == (409, "wave", 0)


def test_nothing_is_drawn_once_the_wave_is_over(mine, moment):
    request = mine.blind().message
    moment.move_to(OVER)
    mine.returns("north0@example.org")
    reply = mine.ask(request)
    assert (reply.status_code, reply.get_json()["error"], drawn()) == (410, "closed", 0)


def test_somebody_without_a_team_of_the_wave_draws_nothing(mine):
    with db.writing() as session:
        session.execute(update(Membership).values(since=OPEN.date() + timedelta(days=1)))  # joined later
    reply = mine.ask(mine.blind().message)
    assert (reply.status_code, reply.get_json()["error"], drawn()) == (403, "not_asked", 0)


def test_whoever_answers_by_printed_code_draws_no_ballot_beside_it(mine):
    with db.writing() as session:
        session.execute(update(Person).values(answers_by=AnswersBy.CODE))
    reply = mine.ask(mine.blind().message)
    assert (reply.status_code, reply.get_json()["error"], drawn()) == (403, "by_code", 0)


def test_a_stranger_draws_nothing(app, company):
    assert app.test_client().post("/pulse/ballot", json={}).status_code == 302
    assert drawn() == 0


def test_a_wave_whose_keys_are_destroyed_signs_nothing_more(mine):
    with db.writing() as session:
        session.execute(update(UnitKey).values(private=None))
    assert mine.ask(mine.blind().message).get_json()["error"] == "closed"


def test_a_confidential_ballot_is_stored_like_a_blind_one_and_counts_like_one(app, mine, sent):
    with db.writing() as session:
        person = session.query(Person.id).filter_by(email="north1@example.org").scalar()
        ballot = issuing.issue_confidentially(session, person, "2026-11", OPEN, zone=OPEN.tzinfo)
    with db.writing() as session, pytest.raises(issuing.Drawn):
        issuing.issue_confidentially(session, person, "2026-11", OPEN, zone=OPEN.tzinfo)
    words = {name: issuing.encoded(getattr(ballot, name)) for name in ("nonce", "signature")}
    form = {"wave": "2026-11", "unit": ballot.unit, "q-queue": "4", "comment": ""} | words
    assert cast(app, form, form=True).status_code == 200
    assert in_the_urn() == [("north", {"queue": 1000})]
    with db.reading() as session:
        assert {len(row.request) for row in session.scalars(select(Issued))} == {32}


# Casting


def test_a_replay_is_counted_once_and_an_altered_one_changes_nothing(app, sent):
    assert cast(app, sent).get_json() == {"status": "counted"}
    assert cast(app, sent).get_json() == {"status": "already"}
    before = in_the_urn()
    for part, other in (("comment", "Warm."), ("answers", {}), ("answers", {"queue": "4"})):
        reply = cast(app, sent | {part: other})
        assert (reply.status_code, reply.get_json()) == (409, {"status": "altered"})
    assert (in_the_urn(), remarks()) == (before, ["Cold."])


WRONG = (
    ("unit", "south"),
    ("unit", "nowhere"),
    ("unit", ""),
    ("unit", 5),
    ("unit", "nor\0th"),
    ("unit", "nor\ud800th"),
    ("wave", "2026-1"),
    ("wave", "x"),
    ("wave", None),
    ("nonce", ""),
    ("nonce", issuing.encoded(bytes(32))),
    ("nonce", issuing.encoded(bytes(31))),
    ("nonce", "*"),
    ("nonce", None),
    ("signature", ""),
    ("signature", issuing.encoded(b"\x01" * 256)),
    ("signature", {"a": 1}),
    ("answers", {"no such": "1"}),
    ("answers", {"queue": "11"}),
    ("answers", {"queue": "0 "}),
    ("answers", {"queue": 1}),
    ("answers", {"queue": None}),
    ("answers", {"queue": ["1"]}),
    ("answers", [["queue"]]),
    ("answers", None),
    ("answers", "queue"),
    ("comment", "x" * 2001),
    ("comment", None),
    ("comment", "half \ud83d"),
)


def test_a_ballot_that_is_wrong_in_any_part_is_refused_whole(app, sent):
    for part, value in WRONG:
        reply = cast(app, sent | {part: value})
        assert (part, value, reply.status_code, reply.get_json()) == (part, value, 422, {"status": "invalid"})
    assert (in_the_urn(), remarks()) == ([], [])
    assert cast(app, sent).status_code == 200


def test_one_answer_to_what_was_not_asked_refuses_all_others(app, sent, company, asked_of_north):
    other = next(code for code in company.irritants if code not in asked_of_north)
    reply = cast(app, sent | {"answers": sent["answers"] | {other: "1"}})
    assert (reply.status_code, in_the_urn(), remarks()) == (422, [], [])


NO_BALLOTS = (b"", b"[]", b"{}", b"null", b"\xff\xfe", b"[" * 20_000, b'{"wave": 1e999}', b'{"answers": 5}')


def test_a_body_that_is_no_ballot_is_refused_in_the_same_words(app):
    for body in NO_BALLOTS:
        reply = app.test_client().post("/b", data=body, content_type="text/plain", base_url=BALLOT_HOST)
        assert (reply.status_code, reply.get_json()) == (422, {"status": "invalid"})


@pytest.mark.parametrize("form", [False, True])
def test_a_body_that_is_too_large_is_refused_unread(app, sent, form):
    huge = sent | {"comment": "x" * LARGEST}
    huge = {k: v for k, v in huge.items() if k != "answers"} if form else huge
    assert cast(app, huge, form=form).status_code == 422
    assert in_the_urn() == []


def test_a_thousand_emoji_arrive_whole(app, sent):
    comment = "👩‍👩‍👧‍👦" * 250
    assert cast(app, sent | {"comment": comment}).get_json() == {"status": "counted"}
    assert remarks() == [comment]


def test_a_ballot_of_another_unit_or_of_the_issuers_making_is_no_ballot(app, mine, company):
    other = voter(app, "south0@example.org", OPEN)
    ballot = other.draw() | {"answers": {}, "comment": ""}
    assert cast(app, ballot | {"unit": "north"}).status_code == 422
    prepared = blind.prepare(issuing.message("2026-11", "north"))
    forged = blind.PrivateKey.made(2048)
    blinded = blind.blind(forged.key, prepared)
    answer = blind.blind_sign(forged, blinded.message)
    signature = blind.finalize(forged.key, prepared, answer, blinded.inverse)
    ballot |= {"unit": "north", "nonce": issuing.encoded(prepared[:32])}
    assert cast(app, ballot | {"signature": issuing.encoded(signature)}).status_code == 422
    assert in_the_urn() == []


def test_a_ballot_may_be_cast_for_a_day_after_the_last_was_drawn_and_no_longer(app, sent, moment):
    end = datetime(2026, 12, 1, 23, tzinfo=UTC)  # midnight in Paris, a day after the wave
    moment.move_to(end - timedelta(seconds=1))
    assert cast(app, sent).get_json() == {"status": "counted"}
    moment.move_to(end)
    reply = cast(app, sent)
    assert (reply.status_code, reply.get_json()) == (410, {"status": "closed"})
    assert cast(app, sent | {"wave": "2031-05"}).get_json() == {"status": "closed"}


@pytest.mark.parametrize("form", [False, True])
def test_a_ballot_that_comes_with_a_cookie_is_thrown_away_unread(app, sent, form):
    flat = {k: v for k, v in sent.items() if k != "answers"} if form else sent
    reply = cast(app, flat, form=form, headers={"Cookie": "anything=1"})
    assert (reply.status_code, in_the_urn()) == (403, [])
    assert cast(app, flat, form=form, base_url=OTHER_SITE).status_code == 403


@pytest.mark.parametrize("host", ["[", "[::1", ""])
def test_a_host_name_that_is_none_breaks_nothing(app, sent, host):
    assert cast(app, sent, headers={"Host": host}).status_code in (200, 400, 422)


def test_answers_of_the_urn_may_be_read_by_the_sites_pages_and_set_no_cookie(app, sent):
    for ballot in (sent, sent | {"comment": "x"}, {}):
        reply = cast(app, ballot)
        assert reply.headers["Access-Control-Allow-Origin"] == OTHER_SITE
        assert "Set-Cookie" not in reply.headers
        assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_without_scripts_gets_a_page_and_says_what_became_of_the_answers(app, sent, language):
    form = {k: v for k, v in sent.items() if k != "answers"}
    form |= {f"q-{code}": value for code, value in sent["answers"].items()}
    said = {"en": ("Thank you", "Your first answers stay"), "fr": ("Merci", "Vos premières réponses")}
    headers = {"Accept-Language": language}
    first = cast(app, form, form=True, headers=headers)
    assert (first.status_code, said[language][0] in first.text) == (200, True)
    assert "Set-Cookie" not in first.headers
    assert cast(app, form, form=True, headers=headers).status_code == 200
    again = cast(app, form | {"comment": "x"}, form=True, headers=headers)
    assert (again.status_code, said[language][1] in again.text) == (409, True)
    wrong = cast(app, form | {"q-none": "1"}, form=True, headers=headers)
    assert (wrong.status_code, "Cold." in wrong.text) == (422, False)
    assert len(in_the_urn()) == 1


def test_casting_leaves_nothing_in_any_log(app, sent, caplog):
    with caplog.at_level(logging.DEBUG):
        for ballot in (sent, sent, sent | {"comment": "x"}, sent | {"unit": "x"}, {}):
            cast(app, ballot)
            cast(app, ballot, headers={"Cookie": "a=1"})
    assert [record for record in caplog.records if not record.name.startswith("asyncio")] == []


def test_an_urn_that_fails_is_logged_without_the_ballot(app, sent, caplog):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with urn.writing() as session:
        session.execute(text("DROP TABLE ballot"))
    assert cast(app, sent).status_code == 500
    for secret in (sent["nonce"], sent["signature"], "Cold.", "north", "750", "queue"):
        assert secret not in caplog.text


# Races, on both engines


@pytest.fixture
def thirty(addresses: Addresses, moment: object) -> Iterator[Flask]:
    """The application with the wave open for thirty people, on each engine."""
    app = made(addresses)
    with db.writing() as session:
        built(session)
    with db.writing() as session:
        opened(session)
    yield app
    for place in (main, night, urn, urn_tally):
        place.close()


PEOPLE = [
    f"{team}{i}@example.org"
    for team, size in (("north", 12), ("south", 14), ("desk", 3))
    for i in range(size)
]


def test_thirty_people_who_ask_twelve_times_at_once_draw_thirty_ballots(thirty):
    everybody = [voter(thirty, email, OPEN) for email in ["head0@example.org", *PEOPLE]]
    requests = [(one, one.blind().message) for one in everybody for _ in range(12)]
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda request: request[0].ask(request[1]), requests))
    assert sorted(reply.status_code for reply in replies) == [200] * 30 + [409] * 330
    assert (drawn(), len({reply.get_json().get("signature") for reply in replies} - {None})) == (30, 30)


def test_a_ballot_cast_twelve_times_at_once_is_counted_once(thirty):
    ballots = [voter(thirty, email, OPEN).draw() | {"answers": {}, "comment": "x"} for email in PEOPLE[:8]]
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda ballot: cast(thirty, ballot).get_json()["status"], ballots * 12))
    assert sorted(replies) == ["already"] * 88 + ["counted"] * 8
    assert (len(in_the_urn()), len(remarks())) == (8, 8)


def test_whichever_of_two_versions_comes_first_stays_when_they_come_at_once(thirty):
    one = voter(thirty, PEOPLE[0], OPEN).draw()
    versions = [one | {"answers": {"queue": str(value)}, "comment": ""} for value in (0, 4)] * 6
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda ballot: cast(thirty, ballot).get_json()["status"], versions))
    assert sorted(replies) == ["already"] * 5 + ["altered"] * 6 + ["counted"]
    assert len(in_the_urn()) == 1


# The public page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_everybody_can_read_the_fingerprints_of_all_waves(app, company, language):
    page = app.test_client().get(f"/ballots?lang={language}").text
    with db.reading() as session:
        root = session.scalar(text("SELECT root FROM wave_fingerprint"))
    assert root in page
    units = app.test_client().get(f"/ballots/2026-11?lang={language}").text
    assert root in units
    assert "North" in units


def test_the_root_can_be_computed_from_the_file_of_leaves(app, company):
    lines = app.test_client().get("/ballots/2026-11.csv").text.splitlines()
    assert lines[0] == "wave,unit,people,key"
    root, _ = merkle.grown([line.replace(",", "\n").encode() for line in lines[1:]])
    assert root.hex() in app.test_client().get("/ballots/2026-11").text
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["2026-11", "north", "16"],
        ["2026-11", "south", "14"],
    ]


def test_a_group_is_found_by_its_name(app, company):
    page = app.test_client().get("/ballots/2026-11?q=SOU").text
    assert ("South" in page, "North" in page) == (True, False)
    assert "No group has this name" in app.test_client().get("/ballots/2026-11?q=zz&lang=en").text


@pytest.mark.parametrize(
    "address", ["/ballots/2026-10", "/ballots/x", "/ballots/2026-13", "/ballots/2026-10.csv"]
)
def test_a_month_without_a_wave_has_no_page(app, company, address):
    assert app.test_client().get(address).status_code == 404


def test_before_the_first_wave_the_page_says_so(app):
    assert "No pulse has been opened yet" in app.test_client().get("/ballots?lang=en").text


def test_the_page_hands_the_script_a_key_that_its_proof_leads_to_the_root(app, company):
    with db.reading() as session:
        person = session.query(Person).filter_by(email="desk0@example.org").one()
        here = issuing.place(session, person.id, OPEN, zone=OPEN.tzinfo)
        root = keys.fingerprint(session, here.wave.month)
        data = issuing.page_data(here, root=root, issue="/pulse/ballot", cast="https://b/b")
    assert json.loads(json.dumps(data)) == data
    key = blind.Key(*(int.from_bytes(issuing.decoded(data["key"][part])) for part in "ne"))
    leaf = keys.leaf(here.wave.month, data["unit"], data["people"], key.der)
    steps = [merkle.Step(step["left"], bytes.fromhex(step["hash"])) for step in data["proof"]]
    assert merkle.climbed(leaf, steps).hex() == data["root"] == root
