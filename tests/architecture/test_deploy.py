"""What deploy/ ships: nothing of a visit is written down, and settings that are safe as they are made."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

import wsgi
from config import ROOT, Settings
from surveys.watching import machine
from surveys.watching.check import State

DEPLOY = ROOT / "deploy"
GUIDE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
ADDRESSES = ("https://pulse.example.org", "https://ballots.example.org")


def without_comments(name: str) -> str:
    return re.sub(r"(?m)^\s*#.*$", "", (DEPLOY / name).read_text(encoding="utf-8"))


def made(folder: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    command = [str(DEPLOY / "make-settings"), str(folder), *ADDRESSES, *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def read(file: Path) -> Mapping[str, str]:
    lines = file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_nginx_writes_no_visit_down_and_keeps_what_is_sent_in_memory():
    servers = without_comments("nginx.conf").split("\nserver {")[1:]
    assert len(servers) == 3
    assert all(re.findall(r"access_log (\w+);", server) == ["off"] for server in servers)
    assert all(re.findall(r"error_log \S+ (\w+);", server) == ["crit"] for server in servers)
    for server in servers[1:]:
        assert "proxy_max_temp_file_size 0;" in server
        assert "client_body_buffer_size" in server
        assert "proxy_set_header Host $host;" in server


def test_caddy_writes_no_visit_down():
    sites = without_comments("Caddyfile").split("(pulse)")
    assert "exclude http.log" in sites[0]
    assert "log" not in sites[1]


def test_the_proxies_give_the_ballot_host_casting_alone_and_no_address_of_a_visitor():
    nginx = without_comments("nginx.conf").split("server_name ballots.example.org;")[-1]
    assert re.findall(r"location (?:= )?(\S+)", nginx) == ["/b", "/b/", "/static/", "/"]
    assert 'X-Forwarded-For "";' in nginx
    caddy = without_comments("Caddyfile").split("ballots.example.org")[-1]
    assert "@casting path /b /b/* /static/*" in caddy
    assert "header_up -X-Forwarded-For" in caddy


def test_settings_are_made_once_and_safe_as_they_are(tmp_path):
    folder = tmp_path / "settings"
    assert made(folder, "db:5433", "urn:5434").returncode == 0
    parts = {name: read(folder / f"{name}.env") for name in ("common", "web", "clock", "owner")}
    assert all((folder / f"{name}.env").stat().st_mode & 0o077 == 0 for name in parts)
    for part in ("web", "clock", "owner"):
        told = {
            name.removeprefix("PULSE_").lower(): value
            for name, value in (parts["common"] | parts[part]).items()
        }
        known = Settings(**told | {"languages": ("fr", "en")})  # type: ignore[arg-type]
        assert [check.name for check in machine.settings(known) if check.state is not State.OK] == []
    assert not parts["web"].keys() & {"PULSE_NIGHT_URL", "PULSE_URN_TALLY_URL"}
    assert "@urn:5434/urn" in parts["web"]["PULSE_URN_URL"]
    words = [
        word for part in parts.values() for url in part.values() for word in re.findall(r":(\w{48})@", url)
    ]
    assert len(set(words)) == 5
    again = made(folder)
    assert (again.returncode, "already" in again.stderr) == (1, True)


@pytest.mark.parametrize("unit", ["web", "clock", "backup"])
def test_a_unit_knows_the_settings_of_its_part_alone_and_starts_a_command_there_is(unit, app):
    text = (DEPLOY / "systemd" / f"pulse-{unit}.service").read_text()
    part = "web" if unit == "web" else "clock"
    assert re.findall(r"EnvironmentFile=/etc/pulse/(\w+)\.env", text) == ["common", part]
    command = re.findall(r"ExecStart=/opt/pulse/.venv/bin/flask (\w+)", text)
    assert command[0] in app.cli.commands
    assert "NoNewPrivileges=yes" in text
    assert "User=pulse" in text


def test_the_guide_names_commands_settings_and_files_that_there_are(app):
    commands = set(re.findall(r"\bflask ([a-z]+)\b", GUIDE)) - {"is"}
    assert commands <= app.cli.commands.keys()
    assert set(re.findall(r"\bPULSE_([A-Z_]+)\b", GUIDE)) <= {name.upper() for name in Settings.model_fields}
    files = set(re.findall(r"\bdeploy/[A-Za-z.\-/]+[a-z]", GUIDE)) - {"deploy/systemd/pulse"}
    assert [name for name in files if not (ROOT / name).exists()] == []
    assert wsgi.KEY_WANTED.startswith("PULSE_SECRET_KEY")
