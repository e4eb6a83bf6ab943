"""What looks like a person, an address, a team or a figure is pointed out before everybody reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.heard.doubts import Kind, doubts, teams_named

PEOPLE = ["Ana Costa", "Jean-Luc Dupont", "Ana"]
KNOWN = ["Rennes station", "Gare de Rennes", "Customer Relations West", "Rail & Co"]


def kinds(text: str) -> set[Kind]:
    return {doubt.kind for doubt in doubts([text], people=PEOPLE, known=KNOWN, figures=[-1.8, -2.4, -1.2])}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to ana.costa@example.org about it.", Kind.EMAIL),
        ("Appelez le 06 12 34 56 78.", Kind.PHONE),
        ("Thanks to ana costa, refunds are quicker.", Kind.PERSON),
        ("Mme Martin a tout changé.", Kind.PERSON),
        ("It was Paul Reynaud who asked.", Kind.PERSON),
        ("Refunds were 3 points too slow.", Kind.FIGURE),
        ("C’est 2,5 points de mieux.", Kind.FIGURE),
        ("90 % of you said so.", Kind.PERCENT),
    ],
)
def test_what_should_be_looked_at_again_is_pointed_out(text, kind):
    assert kinds(text) == {kind}


@pytest.mark.parametrize(
    "text",
    [
        "Refunds took up to 30 days; they now take 48 hours.",
        "Our Customer Relations West desk answers within a day.",
        "Les remboursements étaient trop longs. Nous avons changé cela en 2025.",
        "The Rennes station has a new sign.",
        "It bothers you less, by 1.8 points.",
    ],
)
def test_what_everybody_may_read_is_left_alone(text):
    assert kinds(text) == set()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Billing now answers.", ["Billing"]),
        ("The billing error is gone.", []),
        ("The ticket office, rennes, was moved.", ["Ticket office, Rennes"]),
        ("Rebilling and Billings are other words.", []),
    ],
)
def test_a_teams_name_is_found_as_whole_words(text, named):
    assert teams_named(text, ["Billing", "Ticket office, Rennes", ""]) == named


@given(st.text(), st.text("ABCDEFGHIJ", min_size=1), st.text())
def test_no_text_around_it_hides_a_name_that_stands_alone(before, name, after):
    assert teams_named(f"{before} {name} {after}", [name]) == [name]


@given(st.lists(st.text(), max_size=3))
def test_any_text_can_be_looked_at(texts):
    assert all(str(doubt) for doubt in doubts(texts, people=[], known=[], figures=[]))
