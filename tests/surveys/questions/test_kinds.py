"""Every kind of question maps what people choose onto the same 0..10."""

import itertools

import pytest

from pulse.i18n import speaking
from surveys.questions.enps import ENPS, net
from surveys.questions.kind import NotAnAnswer
from surveys.questions.kinds import KINDS
from surveys.questions.nps import NPS

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


@every_kind
def test_answers_rise_from_nothing_to_ten_in_equal_steps_or_in_three_groups(kind):
    scores = [choice.score for choice in kind.choices if choice.score is not None]
    steps = {after - before for before, after in itertools.pairwise(scores)}
    assert (scores[0], scores[-1], len(steps)) == (0, 1000, 2 if kind in (ENPS, NPS) else 1)


def test_the_mean_of_promoters_passives_and_detractors_is_the_net_score():
    sent = ["10", "9", "9", "8", "7", "6", "0", "0"]
    scores = [ENPS.score(answer) for answer in sent]
    assert net(sum(scores) / len(scores) / 100) == 100 * (3 - 3) / 8
    assert (net(10), net(0)) == (100, -100)


@every_kind
def test_no_two_answers_look_alike_or_mean_the_same(kind):
    assert len({choice.value for choice in kind.choices}) == len(kind.choices)
    for language in ("en", "fr"):
        with speaking(language):
            assert len({str(choice.label) for choice in kind.choices}) == len(kind.choices)


@every_kind
@pytest.mark.parametrize("sent", ["", "11", "-1", "None", "1.5", "٣", "0 "])
def test_what_is_not_on_offer_is_no_answer(kind, sent):
    with pytest.raises(NotAnAnswer):
        kind.score(sent)


def test_five_labelled_answers_are_0_2_5_5_7_5_and_10():
    for name in ("landing", "bother", "effort", "csat"):
        assert [KINDS[name].score(str(number)) for number in range(5)] == [0, 250, 500, 750, 1000]


def test_not_concerned_is_no_score_and_only_employees_are_offered_it():
    assert KINDS["landing"].score("none") is None
    with pytest.raises(NotAnAnswer):
        KINDS["bother"].score("none")
