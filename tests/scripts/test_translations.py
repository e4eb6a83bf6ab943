"""The check of the catalogues finds what is missing, uncertain, or not set as French is."""

import importlib.util
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog

from config import ROOT


@pytest.fixture(scope="module")
def translations() -> ModuleType:
    """scripts/translations.py as a module."""
    spec = importlib.util.spec_from_file_location("translations", ROOT / "scripts" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def faults(translations, english, french, **details):
    message = Catalog(locale="fr").add(english, french, **details)
    return [fault.partition(": ")[0] for fault in translations.faults_of(message)]


@pytest.mark.parametrize(
    "french",
    [
        "Êtes-vous prêt\u202f?",
        "Réponses\u00a0: %(n)s",
        "«\u00a0Vous avez dit\u00a0» (vraiment\u202f?)",
        "Ouvrez %(address)s?lang=fr, à 10:30",
        "Retards&nbsp;et correspondances",
    ],
)
def test_french_as_it_is_set_passes(translations, french):
    assert faults(translations, french, french) == []


@pytest.mark.parametrize(
    ("french", "fault"),
    [
        ("", "no translation"),
        ("Êtes-vous prêt ?", "needs a narrow no-break space (U+202F) before ; ! ?"),
        ("Êtes-vous prêt?", "needs a narrow no-break space (U+202F) before ; ! ?"),
        ("Réponses : 12", "needs a no-break space (U+00A0) before a colon"),
        ("Réponses:", "needs a no-break space (U+00A0) before a colon"),
        ("« Vous avez dit »", "needs a no-break space inside « »"),
        ("les salarié·es", "must do without the middle dot"),
    ],
)
def test_french_that_is_missing_or_ill_set_is_found(translations, french, fault):
    assert faults(translations, "Whatever", french) == [fault]


def test_a_placeholder_that_the_translation_lost_is_found(translations):
    assert faults(translations, "%(n)s answers", "des réponses") == ["not the same blanks to fill in"]


def test_a_singular_may_leave_its_number_out(translations):
    english, french = ("%(n)s answer", "%(n)s answers"), ("une réponse", "%(n)s réponses")
    assert faults(translations, english, french) == []


def test_an_uncertain_translation_is_found(translations):
    assert faults(translations, "Fix", "Action", flags={"fuzzy"}) == ["uncertain (fuzzy)"]


def test_sentences_of_code_and_pages_are_collected(translations, tmp_path, monkeypatch):
    (tmp_path / "pulse").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "babel.cfg").write_text((ROOT / "babel.cfg").read_text())
    (tmp_path / "pulse" / "flags.py").write_text('title = lazy("Flags of the month")')
    (tmp_path / "templates" / "flags.html").write_text(
        "<h1>{% trans %}Who pays{% endtrans %}</h1>{{ _('Close') }}"
    )
    monkeypatch.setattr(translations, "ROOT", tmp_path)

    assert {message.id for message in translations.collected() if message.id} == {
        "Flags of the month",
        "Who pays",
        "Close",
    }
