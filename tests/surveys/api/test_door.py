"""The door of the API: a key opens what it is for, as long as it works; wrong ones shut nobody else out."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from pulse import db
from pulse.people import api_keys
from pulse.people.models import ApiKey, Scope, SignInAttempt
from surveys.api import taking
from tests.surveys.api.conftest import ROOM, Program, new_key
from tests.surveys.conftest import OPEN, Railway

ANA = {"interaction": "call-1", "touchpoint": "station", "email": "ana@example.org"}
NEVER = "pulse_aaaaaaaaaaaa_" + "b" * 43


def errors_of(app: Flask, key: str | None) -> tuple[int, str]:
    """How a key is answered."""
    headers = {} if key is None else {"Authorization": key}
    reply = app.test_client().post(ROOM, json=ANA, headers=headers)
    return reply.status_code, reply.json.get("error", "")


def used_on() -> date | None:
    with db.reading() as session:
        return session.scalars(select(ApiKey.last_used_on).where(ApiKey.name == "a program")).one()


def test_every_address_asks_for_a_key_but_the_document(app: Flask):
    views = {name: view for name, view in app.view_functions.items() if name.startswith("surveys.api.")}
    scopes = {name.rpartition(".")[2]: getattr(view, "scope", None) for name, view in views.items()}
    assert scopes == {
        "interactions": Scope.INTERACTIONS,
        "bounced": Scope.BOUNCES,
        "fixes": Scope.RESULTS,
        "fix": Scope.RESULTS,
        "flags": Scope.RESULTS,
        "cells": Scope.RESULTS,
        "success": Scope.FIXES,
        "openapi": None,
    }


SHOWN: tuple[tuple[str | None, str], ...] = (
    (None, "no_key"),
    ("", "no_key"),
    ("Bearer", "no_key"),
    ("Basic YW5hOmFuYQ==", "no_key"),
    ("Bearer nonsense", "wrong_key"),
    (f"Bearer {NEVER}", "wrong_key"),
    ("Bearer pulse__", "wrong_key"),
    ("Bearer pulse_aaaaaaaaaaaa_é" + "b" * 42, "wrong_key"),
    ("Bearer " + "x" * 5000, "wrong_key"),
)


def test_without_a_right_key_nothing_is_done(program: Program):
    for shown, error in SHOWN:
        headers = {} if shown is None else {"Authorization": shown}
        reply = program.app.test_client().post(ROOM, json=ANA, headers=headers)
        assert (reply.status_code, reply.json["error"]) == (401, error), shown
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_each_part_of_a_key_matters(program: Program):
    prefix, public, secret = program.key.split("_")
    other = "a" if secret[-1] != "a" else "b"
    for wrong in (
        f"{prefix}_{public}_{secret[:-1]}{other}",
        f"{prefix}_{public}_{secret[:-1]}",
        f"{prefix}_{public[::-1]}_{secret}",
        f"{prefix}_{public}_{secret.swapcase()}",
        f"PULSE_{public}_{secret}",
    ):
        assert errors_of(program.app, f"Bearer {wrong}") == (401, "wrong_key"), wrong
    assert errors_of(program.app, f"bearer {program.key}") == (200, "")


def test_a_session_is_no_key_and_needs_no_token(program: Program):
    reply = program.app.test_client().post(ROOM, json=ANA, headers={"Cookie": "pulse=anything"})
    assert reply.status_code == 401
    assert "Set-Cookie" not in reply.headers
    assert "Set-Cookie" not in program.post(ANA).headers


def test_a_key_opens_what_it_is_for_alone(program: Program):
    bounces = new_key(Scope.BOUNCES, name="bounces").text
    assert errors_of(program.app, f"Bearer {bounces}") == (403, "not_allowed")
    seen = Program(program.app, new_key(Scope.INTERACTIONS, name="seen").text)
    bounce = seen.post({"recipient": "ana@example.org", "kind": "bounce"}, "/api/v1/bounces")
    assert (bounce.status_code, bounce.json["error"]) == (403, "not_allowed")


def test_a_key_works_through_its_last_day(app: Flask, railway: Railway, moment: time_machine.Traveller):
    key = f"Bearer {new_key(expires=OPEN.date()).text}"
    assert errors_of(app, key) == (200, "")
    moment.move_to(OPEN.replace(hour=22, minute=59))  # one minute to midnight in Paris
    assert errors_of(app, key) == (200, "")
    moment.move_to(OPEN.replace(hour=23, minute=1))
    assert errors_of(app, key) == (401, "wrong_key")


def test_a_revoked_key_works_no_more_at_once(program: Program):
    assert program.post(ANA).status_code == 200
    with db.writing() as session:
        api_keys.revoke(session, program.key.split("_")[1], datetime.now(UTC))
    reply = program.post(ANA)
    assert (reply.status_code, reply.json["error"]) == (401, "wrong_key")


def test_of_its_use_the_day_is_kept_and_no_more(program: Program, moment: time_machine.Traveller):
    assert used_on() is None
    program.post(ANA)
    assert used_on() == OPEN.date()
    moment.shift(timedelta(days=1))
    program.post(ANA)
    assert used_on() == OPEN.date() + timedelta(days=1)


def test_wrong_keys_are_told_to_wait_and_right_ones_are_not(program: Program, moment: time_machine.Traveller):
    for _ in range(api_keys.WRONG):
        assert errors_of(program.app, f"Bearer {NEVER}") == (401, "wrong_key")
    reply = program.app.test_client().post(ROOM, json=ANA, headers={"Authorization": f"Bearer {NEVER}"})
    assert (reply.status_code, reply.json["error"]) == (429, "too_many_wrong_keys")
    assert reply.headers["Retry-After"] == "900"
    assert program.post(ANA).status_code == 200

    altered = program.key[:-1] + ("a" if program.key[-1] != "a" else "b")
    assert errors_of(program.app, f"Bearer {altered}") == (401, "wrong_key")  # counted by itself
    moment.shift(timedelta(minutes=16))
    assert errors_of(program.app, f"Bearer {NEVER}") == (401, "wrong_key")


def test_who_guesses_at_a_key_keeps_its_owner_out_of_nothing(program: Program):
    altered = program.key[:-1] + ("a" if program.key[-1] != "a" else "b")
    for _ in range(api_keys.WRONG + 5):
        errors_of(program.app, f"Bearer {altered}")
    assert errors_of(program.app, f"Bearer {altered}") == (429, "too_many_wrong_keys")
    assert program.post(ANA).status_code == 200


def test_wrong_keys_fill_no_table(program: Program):
    for place in range(api_keys.WRONG + 20):
        errors_of(program.app, f"Bearer pulse_{place:012}_{'b' * 43}")
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInAttempt)) == api_keys.WRONG


NOT_THERE = (
    ("GET", "/api/v1/interactions", 405, "wrong_method"),
    ("DELETE", "/api/v1/interactions", 405, "wrong_method"),
    ("POST", "/api/v1/openapi.json", 405, "wrong_method"),
    ("GET", "/api/v1/nothing", 404, "no_such_address"),
    ("POST", "/api/v2/interactions", 404, "no_such_address"),
    ("POST", "/api/v1/interactions/", 404, "no_such_address"),
)


def test_what_is_not_there_is_said_to_programs_in_json(app: Flask):
    for method, path, status, error in NOT_THERE:
        reply = app.test_client().open(path, method=method)
        assert (reply.status_code, reply.json["error"]) == (status, error), (method, path)
        assert (reply.headers.get("Allow") is not None) == (status == 405)


def test_pages_still_say_it_to_people(app: Flask):
    reply = app.test_client().get("/nothing")
    assert (reply.status_code, reply.mimetype) == (404, "text/html")


def test_a_database_out_of_reach_is_no_lost_interaction(program: Program, monkeypatch: pytest.MonkeyPatch):
    def locked(*_: object, **__: object) -> None:
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    monkeypatch.setattr(taking, "take", locked)
    reply = program.post(ANA)
    assert (reply.status_code, reply.json["error"]) == (503, "busy")
    assert reply.headers["Retry-After"] == "10"


def test_what_fails_says_so_in_json_and_logs_nothing_of_a_customer(
    program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(taking, "take", broken)
    program.app.testing = False
    reply = program.post(ANA)
    assert (reply.status_code, reply.json["error"]) == (500, "failed")
    assert "surveys.api.interactions failed" in caplog.text
    assert "ana@" not in caplog.text
