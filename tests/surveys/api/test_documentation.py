"""docs/api.md, word for word: each command and each body in it is carried out against a running Pulse."""

import base64
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server

from config import ROOT
from pulse import db
from pulse.organisation.models import Fix, Irritant, Touchpoint
from pulse.people.models import Scope
from surveys.api import errors
from surveys.api.schemas import Interaction as Told
from surveys.invitations import signed
from surveys.invitations.models import Interaction, Outcome
from tests.conftest import SECRET
from tests.surveys.api.conftest import Program, new_key

TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
SITE = "https://pulse.example.org"
PLACEHOLDERS = {
    "{{ticket.id}}": "35436",
    "{{ticket.updated_at_with_timestamp}}": "2026-11-09T05:35Z",
    "{{ticket.requester.id}}": "20978392",
    "{{ticket.requester.email}}": "ana@example.org",
    "{{ticket.requester.phone}}": "",
    "{{ticket.requester.language}}": "Français",
}


def blocks(kind: str, about: str) -> list[str]:
    """The blocks of a kind in which a word stands."""
    return [body for found, body in BLOCK.findall(TEXT) if found == kind and about in body]


@pytest.fixture
def served(program: Program) -> Iterator[str]:
    """The address of a running Pulse, which has a touchpoint call-centre."""
    with db.writing() as session:
        session.add(Touchpoint(code="call-centre", name_en="Call centre", name_fr="Centre d'appels"))
    server = make_server("127.0.0.1", 0, program.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def run(script: str, site: str, folder: Path, *arguments: str, **environment: str) -> str:
    """What a shell prints that is given a script of the documentation, but for another site."""
    needed = "curl" if "curl" in script else "openssl"
    if shutil.which(needed) is None:
        pytest.skip(f"no {needed} on this machine: scripts/install --test brings it")
    done = subprocess.run(
        ["sh", "-euc", script.replace(SITE, site), "link.sh", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"} | environment,
        timeout=60,
        check=True,
    )
    return done.stdout


def kept() -> list[str]:
    """The interactions that are known."""
    with db.reading() as session:
        return list(session.scalars(select(Interaction.code).order_by(Interaction.id)))


def test_one_interaction_by_curl(served: str, program: Program, tmp_path: Path):
    (script,) = blocks("sh", '"interaction": "ticket-48213"')
    reply = json.loads(run(script, served, tmp_path, PULSE_KEY=program.key))

    (documented,) = [json.loads(block) for block in blocks("json", '"results"')]
    assert reply == documented
    assert kept() == ["ticket-48213"]


def test_a_file_by_curl(served: str, program: Program, tmp_path: Path):
    told = [{"interaction": n, "touchpoint": "call-centre"} for n in range(3)]
    (tmp_path / "interactions.json").write_text(json.dumps(told), encoding="utf-8")
    (script,) = blocks("sh", "@interactions.json")

    reply = json.loads(run(script, served, tmp_path, PULSE_KEY=program.key))
    assert reply["counts"] == {"no_address": 3}


def test_a_bounce_by_curl(served: str, program: Program, tmp_path: Path):
    (script,) = blocks("sh", "/bounces")
    assert json.loads(run(script, served, tmp_path, PULSE_KEY=program.key)) == {"noted": True}


def test_the_body_of_a_zendesk_trigger(served: str, program: Program):
    (body,) = blocks("json", "zendesk-{{ticket.id}}")
    for placeholder, value in PLACEHOLDERS.items():
        assert placeholder in body
        body = body.replace(placeholder, value)
    assert "{{" not in body

    for repeated in (False, True):  # solved, opened again, solved again
        result = program.post(body.encode()).json["results"][0]
        assert result == {"interaction": "zendesk-35436", "outcome": "invited", "repeated": repeated}


def test_the_body_of_a_salesforce_flow(served: str, program: Program, moment: Any):
    (body,) = blocks("json", "5005g00000ABCDEAA4")
    moment.shift(timedelta(days=14))  # to after the case was closed
    reply = program.post(body.encode())
    assert [result["outcome"] for result in reply.json["results"]] == ["invited"]
    assert reply.json["ignored"] == []


def test_links_that_a_shell_script_signs(served: str, program: Program, tmp_path: Path):
    key = new_key(Scope.LINKS, name="till")
    (script,) = blocks("sh", "#!/bin/sh")
    script = script.replace("public-part-of-the-key", key.public)
    script = script.replace("secret-for-links", key.link_secret or "")

    link = run(script, served, tmp_path, "call-centre", "receipt 2026/0815-é").strip()
    assert link.startswith(f"{served}/r/{key.public}.")
    token = link.rpartition("/")[2]
    payload = token.split(".")[1]
    place, receipt, expires = (
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode().split("\n")
    )
    assert (place, receipt) == ("call-centre", "receipt 2026/0815-é")
    end = datetime.fromtimestamp(int(expires), UTC)  # by the shell's own clock
    with db.reading() as session:
        read = signed.read(session, token, end - timedelta(seconds=1), secret_key=SECRET)
        late = signed.read(session, token, end, secret_key=SECRET)
    assert (read and read.interaction, late) == (receipt, None)
    assert program.app.test_client().get(f"/r/{token}").status_code == 200


def test_reading_results_and_calling_a_success_by_curl(served: str, program: Program, tmp_path: Path):
    with db.writing() as session:
        irritant = session.scalars(select(Irritant)).first()
        assert irritant is not None
        started = date(2026, 1, 1)
        session.add(Fix(code="refund-48h", name_en="A", name_fr="A", irritant=irritant, started=started))
    replies = {
        name: json.loads(run(blocks("sh", mark)[0], served, tmp_path, PULSE_KEY=program.key))
        for name, mark in (
            ("fixes", "fixes?show=flagged"),
            ("success", "/success"),
            ("fix", "/fixes/refund-48h\n"),
            ("flags", "/flags?state=waiting"),
            ("cells", "/cells?side=employee"),
        )
    }
    assert replies["fixes"] == {"fixes": [], "page": 1, "pages": 0, "number": 0}
    assert replies["success"] == {"fix": "refund-48h", "success_on": "2026-11-09"}
    assert replies["fix"]["success_on"] == "2026-11-09"
    assert (replies["flags"]["number"], replies["cells"]) == (0, {"cells": []})


def test_every_field_outcome_scope_and_error_is_told():
    table = re.findall(r"^\| (\**[a-z`_, 0-9*]+\**) \|", TEXT, re.M)
    words = set(re.findall(r"[a-z_]+", " ".join(table)))
    assert words >= Told.model_fields.keys()
    assert words >= {outcome.value for outcome in Outcome} | {scope.value for scope in Scope}
    told = set(re.findall(r"`([a-z_]+)`", TEXT))
    raised = re.findall(r'\d{3},\s*"([a-z_]+)"', Path(errors.__file__).read_text(encoding="utf-8"))
    assert len(raised) > 12
    assert set(raised) <= told
