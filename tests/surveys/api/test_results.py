"""What another program reads of the told company, and the success it may not call one."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from pulse import db
from pulse.dashboards.filters import PERIODS, Show
from pulse.dashboards.flag_list import AGES, State
from pulse.ledger.disclosure import Extent
from pulse.ledger.models import ReleasedCell
from pulse.organisation.models import Fix, FixEvent, Side
from pulse.people.models import Scope
from pulse.people.service import today
from pulse.verdicts.flags import RAISING
from pulse.verdicts.models import Flag, FlagState, Verdict
from surveys.api import results, telling
from surveys.api.document import DOCUMENT
from tests.conftest import Addresses, made
from tests.pulse.dashboards.told import tell
from tests.surveys.api.conftest import Program, new_key


@pytest.fixture
def told(addresses: Addresses) -> Iterator[Program]:
    """A program with a key for everything over the told company, once on each engine."""
    app = made(addresses)
    with db.writing() as session:
        tell(session)
    yield Program(app, new_key().text)
    db.main.close()
    db.night.close()


def get(program: Program, path: str, **query: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {program.key}"}
    return program.app.test_client().get(f"/api/v1/{path}", headers=headers, query_string=query or None)


def test_fixes_and_flags_are_told_as_the_pages_show_them(told: Program) -> None:
    every = get(told, "fixes").json
    assert (every["number"], every["page"], every["pages"]) == (7, 1, 1)
    first = every["fixes"][0]
    assert (first["code"], first["verdict"]["outcome"]) == ("refund-48h", "displaced")
    assert first["flag"] == {"id": 1, "state": "open"}
    assert first["verdict"]["customers"] == {"effect": -1.8, "low": -2.4, "high": -1.2}
    assert first["verdict"]["landing"]["teams"] == ["billing", "counter"]
    assert first["verdict"]["sentence_fr"] != first["verdict"]["sentence_en"]
    assert "verdict" not in every["fixes"][-1]  # not started
    assert [fix["code"] for fix in get(told, "fixes", show="solved").json["fixes"]] == ["live-displays"]
    assert get(told, "fixes", team="billing").json["number"] < 7
    assert get(told, "fixes", page=2).json["fixes"] == []

    one = get(told, "fixes/refund-48h").json
    assert one["history"][-1] == one["verdict"] == first["verdict"]
    assert one["history"][0]["outcome"] == "undetermined"
    assert "counter" in one["teams"]

    flags = get(told, "flags", verdict="backfired").json
    (flag,) = flags["flags"]
    assert (flag["fix"], flag["state"], flag["overdue"]) == ("early-doors", "open", False)
    assert get(told, "flags", owner="nobody").json["number"] == 0
    assert get(told, "flags", owner="mine").json["number"] == 0
    assert get(told, "flags", state="waiting", months=3).json["number"] == 2


def test_exactly_the_figures_that_may_be_shown_are_told(
    told: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "ON_A_PAGE", 7)  # so that pages end within months
    found: dict[tuple[str, ...], tuple[int, float]] = {}
    pages = 0
    for side in ("customer", "employee"):
        cursor: dict[str, str] = {}
        while True:
            page = get(told, "cells", side=side, **cursor).json
            for cell in page["cells"]:
                key = (side, cell["month"], cell["place"], cell["extent"], cell["irritant"])
                assert key not in found
                found[key] = (cell["n"], cell["score"])
            pages += 1
            if "next" not in page:
                break
            cursor = {"cursor": page["next"]}
    with db.reading() as session:
        released = session.scalar(select(func.count()).select_from(ReleasedCell))
        assert len(found) == released
        assert not any(key[1] == "2024-06" for key in found)  # the month that is hidden
    assert pages >= len(found) // 7
    one = get(told, "cells", side="employee", month="2025-10", irritant="refunds", place="billing").json
    ((cell),) = one["cells"]
    assert found["employee", "2025-10", "billing", "own", "refunds"] == (cell["n"], cell["score"])
    assert (cell["low"], cell["score"], cell["high"], cell["fresh"]) == (4.85, 4.9, 4.95, True)
    for nothing in ({"month": "2024-06"}, {"irritant": "nothing"}, {"place": "station"}):
        assert get(told, "cells", side="employee", **nothing).json == {"cells": []}


def test_a_success_is_refused_beside_an_open_flag_and_against_the_verdict(told: Program) -> None:
    def mark(code: str, body: object = None) -> tuple[int, Any]:
        reply = told.post({} if body is None else body, f"/api/v1/fixes/{code}/success")
        return reply.status_code, reply.json

    status, said = mark("refund-48h", {"confirmed": True})
    assert (status, said["error"], said["flag"]) == (409, "open_flag", 1)
    with db.writing() as session:
        session.get_one(Flag, 1).state = FlagState.CLOSED
    assert mark("refund-48h", {"confirmed": True})[1]["error"] == "verdict_against"
    assert mark("pay-later")[1]["error"] == "not_confirmed"
    assert mark("pay-later", {"confirmed": True})[0] == 200
    assert mark("live-displays")[0] == mark("live-displays")[0] == 200
    assert mark("nothing")[1]["error"] == "unknown_fix"
    assert mark("pay-later", {"confirmed": "yes"})[1]["faults"][0]["field"] == "confirmed"
    assert mark("pay-later", [])[1]["error"] == "not_understood"
    with db.reading() as session:
        by = session.scalars(select(FixEvent.by)).all()
        assert by == ["API: a program", "API: a program"]
        assert session.scalars(
            select(Fix.code).where(Fix.success_on.is_not(None)).order_by(Fix.code)
        ).all() == [
            "live-displays",
            "pay-later",
        ]
    assert get(told, "fixes/live-displays").json["success_on"] == today().isoformat()


def test_what_means_nothing_is_refused_by_name(told: Program) -> None:
    for path, query, wrong in (
        ("fixes", {"show": "everything"}, ["show"]),
        ("fixes", {"page": "0", "months": "7"}, ["months", "page"]),
        ("fixes", {"shwo": "all"}, ["shwo"]),
        ("fixes", {"search": "a\0b"}, ["search"]),
        ("flags", {"state": "gone", "verdict": "resolved"}, ["state", "verdict"]),
        ("flags", {"page": ["1", "2"]}, ["page"]),
        ("cells", {}, ["side"]),
        ("cells", {"side": "both", "month": "2026-13", "cursor": "x"}, ["side", "month", "cursor"]),
    ):
        reply = get(told, path, **query)
        assert (reply.status_code, reply.json["error"]) == (422, "wrong_query")
        assert [fault["field"] for fault in reply.json["faults"]] == wrong
    assert get(told, "fixes/nothing").json["error"] == "unknown_fix"
    assert get(told, "fixes/%00").status_code == 404


def test_a_key_reads_results_or_marks_and_no_more(told: Program) -> None:
    reader = Program(told.app, new_key(Scope.RESULTS, name="reader").text)
    marker = Program(told.app, new_key(Scope.FIXES, name="marker").text)
    till = Program(told.app, new_key(Scope.INTERACTIONS, name="till").text)
    for path in ("fixes", "fixes/refund-48h", "flags", "cells?side=customer"):
        assert [get(program, path).status_code for program in (reader, marker, till)] == [200, 403, 403]
    mark = "/api/v1/fixes/live-displays/success"
    assert [program.post({}, mark).status_code for program in (reader, till, marker)] == [403, 403, 200]
    assert told.app.test_client().get("/api/v1/fixes").json["error"] == "no_key"


def test_the_words_of_the_document_are_those_of_the_pages(app: Flask) -> None:
    def choices(path: str, name: str) -> list[Any]:
        (one,) = [each for each in DOCUMENT["paths"][path]["get"]["parameters"] if each["name"] == name]
        found: list[Any] = one["schema"]["enum"]
        return found

    assert choices("/api/v1/fixes", "show") == [show.value for show in Show]
    assert tuple(choices("/api/v1/fixes", "months")) == PERIODS
    assert choices("/api/v1/flags", "state") == [state.value for state in State if state.value]
    assert tuple(choices("/api/v1/flags", "months")) == AGES
    assert choices("/api/v1/flags", "verdict") == [outcome.value for outcome in RAISING]
    assert choices("/api/v1/cells", "side") == [side.value for side in Side]
    assert results.Cell.model_json_schema()["$defs"]["Extent"]["enum"] == [each.value for each in Extent]
    columns = {column.key for column in Verdict.__table__.columns}
    assert columns >= {"landing_team", "probability"}
