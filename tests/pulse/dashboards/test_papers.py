"""What is handed over as PDF, read back: the page's words and figures, and nothing that was hidden."""

import io
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from pulse import db
from pulse import paper as sheets
from pulse.i18n import speaking
from pulse.ledger.models import ParticipationBand
from pulse.ledger.rounding import Participation
from pulse.organisation.models import Fix, Team
from pulse.paper import Column, Paper
from tests.pulse.dashboards.told import EMPLOYEE
from tests.pulse.test_web import sign_in

HOSTILE = 'x</b>\n=HYPERLINK("http://a")\x07 {#pages#} \N{RIGHT-TO-LEFT OVERRIDE}**b** 你好 Œuvre'


def read(body: bytes) -> tuple[PdfReader, str]:
    reader = PdfReader(io.BytesIO(body))
    text = " ".join(page.extract_text() for page in reader.pages)
    return reader, " ".join(text.split())


def test_a_fix_is_handed_over_with_everything_its_page_says(analyst: FlaskClient) -> None:
    response = analyst.get("/fixes/refund-48h/pdf")
    assert response.mimetype == "application/pdf"
    assert "fix-refund-48h.pdf" in response.headers["Content-Disposition"]
    reader, said = read(response.data)
    for words in (
        "Refunds within 48 hours",
        "displaced onto staff",
        "−1.8 (−2.4 to −1.2)",
        "+1.9 (+1.2 to +2.6)",
        "Billing",
        "Likelihood that staff pay for this fix: 97%.",
        "March 2025",
        "not enough answers to show",  # the hidden month
        "Page 1 of",
    ):
        assert words in said, words
    titles = [one.title for one in reader.outline if not isinstance(one, list)]
    assert titles == ["Refunds within 48 hours"]
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.metadata is not None
    assert reader.metadata.title == "Fix “Refunds within 48 hours”"
    assert len(reader.pages) < 10


def test_a_month_is_handed_over_with_verdicts_figures_bands_and_the_rule(
    told: Flask, analyst: FlaskClient
) -> None:
    with db.writing() as session:
        billing = session.scalars(select(Team).where(Team.code == "billing")).one()
        session.add(ParticipationBand(place_id=billing.id, month=date(2025, 12, 1), band=Participation.TO_75))
    reader, said = read(analyst.get("/months/2025-12/pdf?lang=fr").data)
    for words in (
        "décembre 2025",
        "déplacé vers les équipes",
        "Guichets de Rennes",
        "Facturation",
        "Remboursements trop longs",
        "−1,8 (−2,4 à −1,2)",
        "la moitié aux trois quarts",
    ):
        assert words in said, words
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    assert analyst.get("/months/2025-13/pdf").status_code == 404
    assert analyst.get("/months/2031-01/pdf").status_code == 404
    _, hidden = read(analyst.get("/months/2024-06/pdf").data)
    assert "Billing" not in hidden
    assert hidden.count("not enough answers to show") >= 2


def test_whatever_somebody_wrote_is_text(told: Flask, analyst: FlaskClient) -> None:
    with db.writing() as session:
        fix = session.scalars(select(Fix).where(Fix.code == "refund-48h")).one()
        fix.name_en = fix.staff_task = HOSTILE
    for address in ("/fixes/refund-48h/pdf", "/months/2025-12/pdf"):
        _, said = read(analyst.get(address).data)
        assert 'x</b> =HYPERLINK("http://a")' in said
        assert "**b**" in said
        assert "Œuvre" in said
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in said
        assert "{#pages#}" not in said


def test_without_a_font_letters_of_western_europe_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "FONTS", ())
    with speaking("fr"):
        made = Paper("Œuvre", "Pulse")
        made.heading("Écarts : « −1,5 » 你")
        made.table([Column("É", 1), Column("Ž", 1, figures=True)], [["œ", "1,5"]])
    _, said = read(bytes(made.output()))
    assert "Écarts : « -1,5 » ?" in said
    assert "oe 1,5" in said


def test_a_long_table_repeats_its_head_and_parts_no_row() -> None:
    made = Paper("Long", "Pulse")
    made.table([Column("Place", 3), Column("Score", 1)], [[f"place {at} " * 9, "1.0"] for at in range(200)])
    reader, _ = read(bytes(made.output()))
    assert len(reader.pages) > 3
    assert all("Score" in page.extract_text() for page in reader.pages)


def test_documents_are_for_those_who_read_everything(told: Flask) -> None:
    client = told.test_client()
    sign_in(client, EMPLOYEE)
    for address in ("/fixes/refund-48h/pdf", "/fixes/no-such/pdf", "/months/2025-12/pdf"):
        assert client.get(address).status_code == 404
