"""Interactions by the API: each is taken once or refused by itself, whatever is sent along with it."""

import json
import logging
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from pulse import db
from pulse.outbox.models import Message
from surveys.invitations.models import Interaction, Invitation, TouchpointSurvey, Way
from tests.surveys.api.conftest import Program
from tests.surveys.conftest import Railway

ANA = {"interaction": "call-1", "touchpoint": "station", "email": "ana@example.org"}


def number(what: type) -> int:
    """How many rows there are."""
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def codes() -> list[str]:
    """The interactions that were kept."""
    with db.reading() as session:
        return list(session.scalars(select(Interaction.code).order_by(Interaction.id)))


def outcomes(reply: Any) -> list[tuple[str | None, str]]:
    """What became of each."""
    return [(result.get("interaction"), result["outcome"]) for result in reply.json["results"]]


def faults(reply: Any) -> list[list[str]]:
    """The fields that are wrong, of each refused one."""
    return [[fault["field"] for fault in each.get("faults", ())] for each in reply.json["results"]]


def test_one_interaction_leads_to_one_invitation(either: Program):
    reply = either.post(ANA)

    assert (reply.status_code, reply.mimetype) == (200, "application/json")
    assert reply.json == {
        "results": [{"interaction": "call-1", "outcome": "invited", "repeated": False}],
        "counts": {"invited": 1},
        "ignored": [],
    }
    with db.reading() as session:
        assert session.scalars(select(Message.recipient)).all() == ["ana@example.org"]


def test_sending_it_again_changes_nothing(either: Program):
    either.post(ANA)
    again = either.post(ANA | {"email": "somebody.else@example.org"})

    assert again.status_code == 200
    assert again.json["results"] == [{"interaction": "call-1", "outcome": "invited", "repeated": True}]
    assert (number(Interaction), number(Invitation), number(Message)) == (1, 1, 1)


def test_an_array_is_answered_in_its_order(either: Program):
    several = [
        ANA,
        {"interaction": "call-2", "touchpoint": "phone"},
        {"interaction": "call-3", "touchpoint": "phone", "email": "ana@example.org"},
        ANA,
    ]
    reply = either.post(several)

    assert outcomes(reply) == [
        ("call-1", "invited"),
        ("call-2", "no_address"),
        ("call-3", "asked_recently"),
        ("call-1", "invited"),
    ]
    assert [result["repeated"] for result in reply.json["results"]] == [False, False, False, True]
    assert reply.json["counts"] == {"invited": 2, "no_address": 1, "asked_recently": 1}
    assert number(Message) == 1


def test_one_that_is_wrong_keeps_none_of_the_others_out(either: Program):
    several: list[Any] = [{"interaction": f"call-{n}", "touchpoint": "station"} for n in range(1000)]
    several[500] = {"interaction": "wrong", "touchpoint": "station", "email": "nobody", "happened_at": "soon"}
    reply = either.post(several)

    assert reply.status_code == 422
    assert reply.json["error"] == "some_refused"
    assert "1 of 1000" in reply.json["message"]
    assert reply.json["counts"] == {"no_address": 999, "refused": 1}
    refused = reply.json["results"][500]
    assert (refused["interaction"], refused["position"]) == ("wrong", 500)
    assert [fault["field"] for fault in refused["faults"]] == ["happened_at", "email"]
    assert number(Interaction) == 999
    assert "wrong" not in codes()


def test_an_unknown_touchpoint_is_told_from_a_fault(program: Program):
    lost = {"interaction": "call-1", "touchpoint": "moon"}

    alone = program.post(lost)
    assert (alone.status_code, alone.json["error"]) == (404, "unknown_touchpoint")
    assert alone.json["faults"] == [
        {"field": "touchpoint", "message": "There is no touchpoint of this code in Pulse."}
    ]
    assert program.post([lost, lost | {"interaction": "call-2"}]).status_code == 404
    assert codes() == []

    mixed = program.post([lost, ANA | {"interaction": "call-3"}])
    assert (mixed.status_code, outcomes(mixed)) == (422, [("call-1", "refused"), ("call-3", "invited")])


def test_what_is_yet_to_come_is_refused_and_what_is_long_ago_is_not_asked_about(program: Program):
    late = program.post(ANA | {"happened_at": "2027-11-22T10:00:00Z"})
    assert (late.status_code, faults(late)) == (422, [["happened_at"]])
    assert "yet to come" in late.json["faults"][0]["message"]

    old = [ANA | {"interaction": f"old-{n}", "happened_at": day} for n, day in enumerate(LONG_AGO)]
    assert [outcome for _, outcome in outcomes(program.post(old))] == ["too_old"] * len(LONG_AGO)


LONG_AGO = ("2026-01-01", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0000-01-01T00:00:00Z")


MOMENTS = (
    "2026-11-09T08:59:60Z",
    "2026-11-09T09:35Z",  # Zendesk
    "2026-11-09T09:35:00.000+0000",  # Salesforce
    "2026-11-09t09:35:00.123456789z",
    "2026-11-09 10:35",
    "2026-11-08",
    "",
    None,
)


def test_moments_are_read_as_programs_write_them(program: Program):
    told = [
        {
            "interaction": place,
            "touchpoint": "station",
            "email": f"ana{place}@example.org",
            "happened_at": when,
        }
        for place, when in enumerate(MOMENTS)
    ]
    assert program.post(told).json["counts"] == {"invited": len(MOMENTS)}


def test_ids_may_be_whole_numbers_and_spaces_around_values_do_not_matter(program: Program):
    told = {"interaction": 48213, "touchpoint": " station ", "customer": 12.0, "email": " ana@example.org "}
    assert outcomes(program.post(told)) == [("48213", "invited")]
    again = program.post({"interaction": "48214", "touchpoint": "station", "customer": "12"})
    assert outcomes(again) == [("48214", "no_address")]
    with db.reading() as session:
        assert session.scalars(select(Message.recipient)).all() == ["ana@example.org"]


def test_nothing_is_written_in_three_ways(program: Program):
    for place, nothing in enumerate(("", None, "   ")):
        fields = dict.fromkeys(("happened_at", "customer", "email", "phone", "language", "name"), nothing)
        told = {"interaction": f"call-{place}", "touchpoint": "station"} | fields
        assert outcomes(program.post(told)) == [(f"call-{place}", "no_address")]


def test_unknown_fields_are_named_and_ignored(program: Program):
    many = {f"field_{n:02}": n for n in range(30)}
    reply = program.post(ANA | {"Email": "other@example.org", "x" * 500: 1} | many)

    assert reply.status_code == 200
    assert len(reply.json["ignored"]) == 20
    assert reply.json["ignored"][:2] == ["Email", "field_00"]
    assert max(map(len, reply.json["ignored"])) <= 60
    with db.reading() as session:
        assert session.scalars(select(Message.recipient)).all() == ["ana@example.org"]


WRONG: tuple[tuple[str, Any], ...] = (
    ("interaction", "\0"),
    ("interaction", "a\nb"),
    ("interaction", ""),
    ("interaction", None),
    ("interaction", "x" * 201),
    ("interaction", True),
    ("interaction", 1.5),
    ("interaction", 10**18),
    ("interaction", -1),
    ("interaction", ["call-1"]),
    ("touchpoint", "station\0"),
    ("touchpoint", {}),
    ("touchpoint", None),
    ("happened_at", 1763800000),
    ("happened_at", "2026-02-30"),
    ("happened_at", "yesterday"),
    ("customer", "\u202e"),
    ("email", "ana@example.org\nBcc: all@example.org"),
    ("email", "ana@example.org, bob@example.org"),
    ("email", "ana"),
    ("email", 5),
    ("phone", "call me"),
    ("phone", "12"),
    ("phone", "+" + "9" * 30),
    ("name", "Ana\nLopes"),
    ("name", "x" * 101),
    ("language", []),
)


def test_each_field_is_refused_by_name_and_never_quoted(program: Program):
    for field, value in WRONG:
        reply = program.post(ANA | {field: value})

        assert reply.status_code == 422, (field, value)
        assert [fault["field"] for fault in reply.json["faults"]] == [field], value
        assert faults(reply) == [[field]], value
        if isinstance(value, str) and len(value) > 3:
            assert value not in reply.json["message"] + json.dumps(reply.json["faults"])
    assert codes() == []


def test_what_is_missing_is_said(program: Program):
    reply = program.post({"email": "ana@example.org"})
    assert [fault["field"] for fault in reply.json["faults"]] == ["interaction", "touchpoint"]
    assert "ana@" not in reply.text


MEANINGLESS = (
    (b"", 400, "not_json"),
    (b"interaction=1", 400, "not_json"),
    (b'{"interaction": "a "quoted" word"}', 400, "not_json"),
    (b"[" * 100_000, 400, "not_json"),
    (b'{"a":' * 100_000, 400, "not_json"),
    (b'{"interaction": ' + b"9" * 5000 + b"}", 400, "not_json"),
    (b'{"interaction": NaN}', 400, "not_json"),
    (b'{"interaction": "\\ud800"}', 400, "not_json"),
    ('{"interaction": "é"}'.encode("latin-1"), 400, "not_json"),
    ('{"interaction": "é"}'.encode("utf-16"), 400, "not_json"),
    (b"5", 422, "not_understood"),
    (b"null", 422, "not_understood"),
    (b'"call-1"', 422, "not_understood"),
    (b"[]", 422, "not_understood"),
    (b"[[]]", 422, "some_refused"),
    (b'{"interaction": 1e999, "touchpoint": "station"}', 422, "not_valid"),
    (b" " * (2 * 1024 * 1024 + 1), 413, "too_large"),
)


def test_bodies_that_mean_nothing_are_refused_in_words(program: Program):
    for body, status, error in MEANINGLESS:
        reply = program.post(body)
        assert (reply.status_code, reply.json["error"]) == (status, error), body[:60]
        assert reply.json["message"]
        assert reply.json["advice"]
    assert codes() == []


def test_a_thousand_are_taken_and_one_more_is_too_many(program: Program):
    thousand = [{"interaction": n, "touchpoint": "station"} for n in range(1001)]
    refused = program.post(thousand)
    assert (refused.status_code, refused.json["error"]) == (422, "too_many")
    assert codes() == []
    assert program.post(thousand[:1000]).json["counts"] == {"no_address": 1000}


def test_a_body_in_chunks_is_too_large_at_the_same_size(program: Program):
    """Such a body says no length: a web server passes it on as a stream that ends by itself."""
    for surplus, status in ((0, 422), (1, 413), (500_000, 413)):
        stream = BytesIO(b"[" + b" " * (2 * 1024 * 1024 - 2 + surplus) + b"]")
        reply = program.app.test_client().post(
            "/api/v1/interactions",
            input_stream=stream,
            content_type="application/json",
            headers={"Authorization": f"Bearer {program.key}"},
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert reply.status_code == status


def test_a_body_of_almost_two_megabytes_is_read(program: Program):
    told = ANA | {"filling": "x" * (2 * 1024 * 1024 - 200)}
    assert program.post(told).json["ignored"] == ["filling"]


def test_a_mark_at_the_beginning_of_the_text_does_not_matter(program: Program):
    assert program.post(b"\xef\xbb\xbf" + json.dumps(ANA).encode()).status_code == 200


def test_only_json_is_read(program: Program):
    key = {"Authorization": f"Bearer {program.key}"}
    for kind in ("application/x-www-form-urlencoded", "text/plain", ""):
        reply = program.app.test_client().post(
            "/api/v1/interactions", data=json.dumps(ANA), content_type=kind, headers=key
        )
        assert (reply.status_code, reply.json["error"]) == (415, "wrong_content_type"), kind
    reply = program.app.test_client().post(
        "/api/v1/interactions",
        data=json.dumps(ANA),
        content_type="application/json; charset=utf-8",
        headers=key,
    )
    assert reply.status_code == 200


def test_a_link_to_hand_over_is_in_the_reply_each_time(program: Program, railway: Railway):
    with db.writing() as session:
        asked = TouchpointSurvey(
            touchpoint_id=railway.touchpoints["station"].id, target=None, open_digest=None
        )
        asked.way = Way.LINK
        session.add(asked)
    told = {"interaction": "receipt-7", "touchpoint": "station"}

    first, again = program.post(told).json["results"][0], program.post(told).json["results"][0]
    assert first["link"].startswith("http://127.0.0.1:8000/r/")
    assert again["link"] == first["link"]
    page = program.app.test_client().get(first["link"])
    assert page.status_code == 200


def test_nothing_of_a_customer_is_logged(program: Program, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        program.post([ANA, ANA | {"interaction": "a\nb"}, ANA | {"email": "ana@"}, 5])
        program.post(b'{"email": "ana@example.org"')
    assert "ana" not in caplog.text


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("interaction", "touchpoint", "happened_at", "email", "phone", "name"), JSON),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(st.lists(FIELDS | JSON, max_size=3) | JSON)
def test_whatever_is_sent_is_answered_in_json(program: Program, body: Any):
    text = json.dumps(body).encode()
    reply = program.post(text)
    assert reply.status_code in (200, 400, 404, 422)
    assert reply.json
    if reply.status_code != 200:
        assert {"error", "message", "advice"} <= reply.json.keys()
