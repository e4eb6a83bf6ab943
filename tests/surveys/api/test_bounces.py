"""Mails that came back, and complaints, told by another program."""

import pytest
from sqlalchemy import select

from pulse import db
from surveys.invitations.models import Contact, OptedOutBy
from tests.surveys.api.conftest import Program

BOUNCES = "/api/v1/bounces"
ANA = {"interaction": "call-1", "touchpoint": "station", "email": "ana@example.org"}


def outcome(program: Program, code: str) -> str:
    """What another interaction of Ana's leads to."""
    told: str = program.post(ANA | {"interaction": code}).json["results"][0]["outcome"]
    return told


def test_an_address_that_is_not_there_is_not_written_to_again(either: Program):
    reply = either.post({"recipient": "Ana@Example.org", "kind": "bounce"}, BOUNCES)
    assert (reply.status_code, reply.json) == (200, {"noted": True})
    assert outcome(either, "call-1") == "unreachable"


def test_who_complains_is_never_asked_again(either: Program):
    assert either.post({"recipient": "ana@example.org", "kind": "complaint"}, BOUNCES).status_code == 200
    assert outcome(either, "call-1") == "opted_out"
    with db.reading() as session:
        assert session.scalars(select(Contact.opted_out_by)).all() == [OptedOutBy.COMPLAINT]


def test_a_bounce_about_nobody_is_told_so(program: Program):
    for nobody in ({"message_id": "<1@example.org>"}, {"recipient": "postmaster"}, {"recipient": "12"}):
        reply = program.post(nobody | {"kind": "bounce"}, BOUNCES)
        assert (reply.status_code, reply.json["error"]) == (404, "unknown_message"), nobody


@pytest.mark.parametrize("kind", ["bounce", "complaint"])
def test_telling_twice_is_telling_once(program: Program, kind: str):
    for _ in range(2):
        assert program.post({"recipient": "ana@example.org", "kind": kind}, BOUNCES).json == {"noted": True}


def test_what_is_wrong_is_said_by_field(program: Program):
    for body, field in (
        ({"kind": "bounce"}, "recipient"),
        ({"kind": "bounce", "recipient": "", "message_id": None}, "recipient"),
        ({"recipient": "ana@example.org"}, "kind"),
        ({"recipient": "ana@example.org", "kind": "spam"}, "kind"),
        ({"recipient": "ana@example.org\0", "kind": "bounce"}, "recipient"),
        ({"recipient": ["ana@example.org"], "kind": "bounce"}, "recipient"),
        ({"message_id": "x" * 501, "kind": "bounce"}, "message_id"),
    ):
        reply = program.post(body, BOUNCES)
        assert (reply.status_code, reply.json["error"]) == (422, "not_valid"), body
        assert [fault["field"] for fault in reply.json["faults"]] == [field], body
        assert "ana@" not in reply.text
    assert program.post([], BOUNCES).json["error"] == "not_understood"
