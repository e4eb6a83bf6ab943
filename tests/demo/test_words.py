"""What people read in the made-up company: both languages, printed as they should be."""

import re

import pytest

from demo.irritants import IRRITANTS
from demo.projects import PROJECTS, Project
from demo.railway import ROLES
from tests.demo.conftest import Tables

FRENCH = ("name_fr", "label_fr", "customer_question_fr", "employee_question_fr")
READ = (*FRENCH, "name", "label", "customer_question", "employee_question")


def sentences(written: Tables, columns: tuple[str, ...]) -> list[str]:
    return [
        row[column]
        for file in ("teams", "touchpoints", "irritants", "fixes")
        for row in written[file]
        for column in columns
        if column in row
    ]


def test_both_languages_are_filled(written: Tables) -> None:
    assert all(text.strip() == text and text for text in sentences(written, READ))


def test_french_has_its_own_spaces_and_no_keyboard_apostrophes(written: Tables) -> None:
    for text in sentences(written, FRENCH):
        assert not re.search(r"(?<!\u202f)[;!?]", text), text
        assert not re.search(r"(?<!\u00a0):", text), text
        assert "'" not in text
        assert "·" not in text


def test_english_has_printed_apostrophes(written: Tables) -> None:
    assert not [text for text in sentences(written, READ) if "'" in text or '"' in text]


def test_questions_ask_and_labels_do_not(written: Tables) -> None:
    for row in written["irritants"]:
        for column in READ[2:4] + READ[6:]:
            assert row[column].endswith("?"), row[column]
        assert not row["label"].endswith("?")
        assert not row["label_fr"].endswith("?")


def test_french_speaks_politely(written: Tables) -> None:
    questions = sentences(written, ("customer_question_fr", "employee_question_fr"))
    assert all(re.search(r"\b(vous|votre|vos)\b", text, re.IGNORECASE) for text in questions)


def test_names_are_those_of_a_real_company(written: Tables) -> None:
    names = [row[column] for row in written["teams"] for column in ("name", "name_fr")]
    assert not [name for name in names if re.search(r"\d", name)]
    assert len({row["name"] for row in written["teams"]}) == len(written["teams"])
    assert len({row["name"] for row in written["fixes"]}) == len(written["fixes"])


@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.code)
def test_a_project_is_carried_out_where_its_irritant_is_met(project: Project) -> None:
    irritant = next(one for one in IRRITANTS if one.code == project.irritant)
    assert project.touchpoint in irritant.touchpoints
    for role in ROLES:
        if role.code in project.roles:
            assert role.touchpoint == project.touchpoint
            assert project.irritant in role.asked


def test_lists_are_short_enough_to_be_asked_in_two_months() -> None:
    assert max(len(role.asked) for role in ROLES) <= 10
