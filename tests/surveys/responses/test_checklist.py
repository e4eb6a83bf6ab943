"""Reading a customer's page back: whatever arrives is refused, or read as it was meant."""

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.questions.kind import NotAnAnswer
from surveys.questions.kinds import KINDS
from surveys.responses.answers import Question
from surveys.responses.checklist import DEGREES, TICKED, Item, digest, read
from surveys.responses.reminding import omissions, ticked_for_them

OPENINGS = [Question(name, "How was it?", KINDS[name]) for name in ("effort", "csat", "nps")]
CODES = ["a", "b", "effort", "other", "t-a", "none", "é'\""]
ITEMS = [Item(number, code, code, f"{code}?") for number, code in enumerate(CODES, start=1)]
SCORES = {choice.value: choice.score for choice in DEGREES}
KEY = "k" * 40

openings = st.sampled_from(OPENINGS)
lists = st.lists(st.sampled_from(ITEMS), unique=True).map(tuple)
degrees = st.sampled_from([None, *SCORES])


@st.composite
def filled(draw):
    """A page as a browser sends it: what was asked, the form in any order, and what was meant."""
    opening, items = draw(openings), draw(lists)
    chosen = draw(st.sampled_from([None, *(choice.value for choice in opening.kind.choices)]))
    marks = {item.id: (draw(st.booleans()), draw(degrees)) for item in items}
    form = {} if chosen is None else {opening.field: chosen}
    for item in items:
        ticked, degree = marks[item.id]
        form |= ({item.tick: "1"} if ticked else {}) | ({item.degree: degree} if degree else {})
    other, how_much = draw(st.booleans()), draw(degrees)
    form |= ({"other": "1"} if other else {}) | ({"other-much": how_much} if how_much else {})
    none = draw(st.booleans())
    form |= {"none": "1"} if none else {}
    form |= draw(st.sampled_from([{}, {"something": "Smell"}, {"comment": "x", "something": " "}]))
    shuffled = dict(draw(st.permutations(list(form.items()))))
    return opening, items, shuffled, (chosen, marks, (other, how_much), none)


@given(filled())
def test_what_is_ticked_counts_and_what_was_shown_beside_it_is_nought(page):
    opening, items, form, (chosen, marks, (other, how_much), none) = page
    found = read(form, opening, items)
    assert found.score == (None if chosen is None else opening.kind.score(chosen))
    looked = none or other or any(ticked for ticked, _ in marks.values())
    assert found.skipped_list is not looked
    assert found.scores == (
        {
            number: (TICKED if degree is None else SCORES[degree]) if ticked else 0
            for number, (ticked, degree) in marks.items()
        }
        if looked
        else {}
    )
    assert found.other_score == ((TICKED if how_much is None else SCORES[how_much]) if other else None)


@given(filled(), st.data())
def test_no_score_is_ever_of_what_was_not_shown(page, data):
    opening, items, form, _ = page
    fewer = tuple(data.draw(st.lists(st.sampled_from(items), unique=True))) if items else ()
    found = read(form, opening, fewer)
    assert set(found.scores) <= {item.id for item in fewer}


names = st.one_of(
    st.sampled_from([name for item in ITEMS for name in (item.tick, item.degree)]),
    st.sampled_from(["other", "none", "consent", "other-much", "something", "contact", "q-effort", "q-nps"]),
    st.text(max_size=8),
)
values = st.one_of(st.sampled_from(["", "0", "1", "4", "10", "on"]), st.text(max_size=5))


@settings(max_examples=300)
@given(st.dictionaries(names, values), openings, lists)
def test_garbage_is_no_answer_or_read_within_the_bounds_of_the_page(form, opening, items):
    try:
        found = read(form, opening, items)
    except NotAnAnswer:
        return
    assert set(found.scores) in (set(), {item.id for item in items})
    for item in items:
        if found.scores and form.get(item.tick) != "1":
            assert found.scores[item.id] == 0
    assert found.score in (None, *(choice.score for choice in opening.kind.choices))
    assert set(found.scores.values()) <= {0, *SCORES.values()}
    assert found.other_score in (None, *SCORES.values())


@given(filled())
def test_the_page_shown_again_says_all_that_was_said_and_has_nothing_left_to_ask_but_what_was_skipped(page):
    opening, items, form, (chosen, _, _, _) = page
    found = read(form, opening, items)
    again = ticked_for_them(found)
    assert found.ticked <= again.ticked
    resent = form | dict.fromkeys(again.ticked, "1")
    left = omissions(read(resent, opening, items), opening, items)
    assert len(left) == (chosen is None) + (not again.ticked)


def test_consent_is_never_ticked_for_anybody():
    found = read({"contact": "zoe@example.org", "none": "1"}, OPENINGS[0], ITEMS)
    assert found.loose == {"consent"}
    assert "consent" not in ticked_for_them(found).ticked


def test_the_same_answers_have_one_fingerprint_in_whatever_order_they_were_sent():
    one = digest([("t-a", "1"), ("comment", "x"), ("page", "1"), ("reminded", "")], key=KEY)
    assert one == digest([("page", "2"), ("reminded", "1"), ("comment", "x"), ("t-a", "1")], key=KEY)
    assert one != digest([("t-a", "1"), ("comment", "y")], key=KEY)
    assert one != digest([("t-b", "1"), ("comment", "x")], key=KEY)
    assert one != digest([("t-a", "1"), ("comment", "x")], key="another" * 6)
