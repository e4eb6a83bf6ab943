"""On PostgreSQL, as it is meant to be run: the API under the role of the pages, which reads no sum."""

from flask import Flask

from pulse.people.models import Scope
from surveys.invitations import signed
from tests.surveys.api.conftest import Program, new_key
from tests.surveys.ballots.test_roles import as_role, names
from tests.surveys.conftest import OPEN
from tests.surveys.test_web_role import app

__all__ = ["app", "as_role", "names"]  # fixtures


def test_the_web_role_can_do_all_that_the_api_does(app: Flask, moment: object) -> None:
    program = Program(app, new_key().text)
    told = {"interaction": "call-1", "touchpoint": "station", "email": "ana@example.org"}
    assert program.post(told).json["counts"] == {"invited": 1}
    bounce = program.post({"recipient": "ana@example.org", "kind": "bounce"}, "/api/v1/bounces")
    assert bounce.json == {"noted": True}

    till = new_key(Scope.LINKS, name="till")
    expires = OPEN.replace(month=12)
    token = signed.token(till.public, till.link_secret or "", "station", "receipt-1", expires)
    assert app.test_client().get(f"/r/{token}").status_code == 200
    headers = {"Authorization": f"Bearer {program.key}"}
    for path in ("fixes", "flags", "cells?side=employee", "cells?side=customer"):
        assert app.test_client().get(f"/api/v1/{path}", headers=headers).status_code == 200
    assert program.post({}, "/api/v1/fixes/nothing/success").json["error"] == "unknown_fix"
    wrong = Program(app, program.key[:-1] + ("a" if program.key[-1] != "a" else "b"))
    assert wrong.post(told).status_code == 401
