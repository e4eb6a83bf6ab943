"""What says much the same is found together, in French and in English; the web never learns how."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config import ROOT
from surveys.proposals.carrying import FEWEST
from surveys.proposals.grouping import groups
from surveys.responses.masking import MASK
from tests.architecture.test_floor_plan import imports, sources

FRENCH = (
    ("Attente trop longue au téléphone", "attente"),
    ("J'ai attendu 45 minutes au téléphone", "attente"),
    ("L'attente au téléphone est interminable", "attente"),
    ("Pas de parking à vélos", "vélos"),
    ("Aucun endroit pour garer mon vélo", "vélos"),
    ("Il manque un abri à vélos", "vélos"),
    ("Il faisait très froid dans la salle d'attente", "froid"),
    ("La salle est glaciale", "froid"),
    ("Pas de chauffage dans la salle", "froid"),
    ("Le chien du voisin aboie", ""),
)
ENGLISH = (
    ("The music was too loud", "music"),
    ("Music so loud I could not hear the clerk", "music"),
    ("Loud music everywhere", "music"),
    ("Parking was full", "parking"),
    ("I could not find parking", "parking"),
    ("The parking is too small", "parking"),
    ("rude clerk", "clerk"),
    ("The clerk was rude to me", "clerk"),
    ("rude and unhelpful clerk", "clerk"),
    ("My dog", ""),
)


@pytest.mark.parametrize("said", [FRENCH, ENGLISH], ids=["fr", "en"])
def test_what_says_much_the_same_is_found_together(said):
    found = groups([text for text, _ in said])
    labels = {frozenset(said[member][1] for member in group.members) for group in found}
    assert len(found) == 3
    assert all(len(each) == 1 for each in labels)
    assert sum(len(group.members) for group in found) == 9


def test_a_group_is_called_by_what_tells_it_from_others():
    (music,) = [group for group in groups([text for text, _ in ENGLISH]) if 0 in group.members]
    assert {"music", "loud"} <= set(music.words)
    assert not {"was", "the"} & set(music.words)


def test_words_are_spelt_as_customers_spell_them():
    bicycles = [group for group in groups([text for text, _ in FRENCH]) if 3 in group.members]
    assert "vélos" in bicycles[0].words


def test_what_everybody_says_is_one_group():
    said = ["Parking was full", "no parking", "Parking too small", "The parking is far away", "parking!!"]
    assert [sorted(group.members) for group in groups(said)] == [[0, 1, 2, 3, 4]]


def test_what_is_said_word_for_word_again_stays_together():
    (group,) = groups(["Trop froid"] * 4 + ["Rien"])
    assert sorted(group.members) == [0, 1, 2, 3]


@pytest.mark.parametrize("said", [[], ["one"], ["a", "b", "c"], ["..."] * 5, ["12 34"] * 5, [MASK] * 4])
def test_where_there_is_nothing_to_group_there_are_no_groups(said):
    assert groups(said) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([text for text, _ in FRENCH + ENGLISH]) | st.text(max_size=30), max_size=40))
def test_any_texts_are_grouped_the_same_way_twice_and_none_twice(said):
    found = groups(said)
    members = [member for group in found for member in group.members]
    assert len(members) == len(set(members))
    assert all(len(group.members) >= FEWEST for group in found)
    assert groups(said) == found


def test_scikit_learn_is_imported_by_the_nights_job_alone():
    """Module by module, what is imported where it is read; inside a function is where it is needed."""
    found = {
        (module, name)
        for module, tree in sources(ROOT).items()
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name, _ in imports(module, ast.Module([node], []))
        if name.startswith(("sklearn", "surveys.proposals.grouping", "surveys.proposals.nightly"))
    }
    assert {module for module, _ in found} == {"surveys.proposals.grouping", "surveys.proposals.nightly"}
