"""The words about watching, and the rules that are shipped, name figures and settings that exist."""

import re
from datetime import UTC, datetime, timedelta

import pytest

import config
from config import ROOT
from pulse.db import Database
from pulse.people import service as people
from surveys.delivery.models import Trouble
from surveys.watching import metrics
from surveys.watching.check import Check, State
from surveys.watching.models import Alert, Kind
from surveys.watching.work import BACKED_UP
from tests.surveys.watching.test_alerts import JOBS, ran

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIGURE = re.compile(r"\bpulse_[a-z_]+")
SETTING = re.compile(r"\bPULSE_[A-Z_]+")


@pytest.fixture
def told(sqlite: Database) -> set[str]:
    """The names of all figures, where there is something to tell of each."""
    with sqlite.writing() as session:
        ran(session, JOBS[0], NOW)
        session.add(Trouble(channel="sms", since=NOW, times=1, until=NOW, error="500"))
        session.add(Alert(kind=Kind.CHECK.value, subject="disk", since=NOW, over_at=None))
        people.note(session, BACKED_UP, "file")
    page = metrics.page(
        metrics.Figures(
            NOW + timedelta(days=1), JOBS, [Check("clock", State.OK, "")], zone=config.settings().zone
        )
    ).decode()
    return set(re.findall(r"^(pulse_\w+)(?:\{[^}]*\})? [0-9.e+]+$", page, re.MULTILINE))


def test_every_figure_is_explained_and_no_other(told: set[str]) -> None:
    words = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
    assert set(FIGURE.findall(words)) == told
    known = {f"PULSE_{name.upper()}" for name in config.Settings.model_fields}
    assert set(SETTING.findall(words)) <= known


def test_the_shipped_rules_warn_by_figures_that_exist(told: set[str]) -> None:
    rules = (ROOT / "deploy" / "prometheus.rules.yml").read_text(encoding="utf-8")
    used = set(FIGURE.findall(rules))
    assert len(used) > 10
    assert used <= told
