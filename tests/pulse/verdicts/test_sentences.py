"""A verdict is told in plain words that say no more than is known."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.i18n import speaking
from pulse.verdicts import sentences
from pulse.verdicts.changes import Sighting
from pulse.verdicts.effects import Span, transfer
from pulse.verdicts.models import Verdict
from pulse.verdicts.names import Names
from pulse.verdicts.rules import Outcome, Reason
from pulse.verdicts.sentences import Sooner

NAMES = Names(
    of_teams={"billing": ("Billing", "Facturation"), "desk": ("Front desk", "Accueil")},
    of_irritants={"refunds": ("Slow refunds", "Remboursements trop longs")},
    of_fixes={"other": ("Another fix", "Une autre correction")},
)
NO_BREAK, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


def verdict(outcome: Outcome, reason: Reason | None = None, **known: Any) -> Verdict:
    """A verdict of which only this is known."""
    nothing = dict.fromkeys(column.name for column in Verdict.__table__.columns)
    fixed = {"as_of": date(2025, 10, 31), "revision": 0, "concluded_at": datetime(2025, 11, 4, tzinfo=UTC)}
    return Verdict(**{**nothing, **fixed, "outcome": outcome, "reason": reason, **known})


RELIEF = {"customer_effect": -1.8, "customer_low": -2.4, "customer_high": -1.2}
LANDED = {
    "landing_team": "billing|desk",
    "landing_irritant": "refunds",
    "landing_hops": 1,
    "landing_effect": 1.9,
    "landing_low": 1.2,
    "landing_high": 2.6,
    "probability": 0.972,
}


def test_a_removed_problem_says_how_much_better_off_customers_are() -> None:
    told = verdict(Outcome.RESOLVED, **RELIEF)
    with speaking("en"):
        assert sentences.headline(told) == (
            "Removed: customers are 1.8 points better off (1.2 to 2.4) and we see no burden on staff."
        )
    with speaking("fr"):
        assert sentences.headline(told) == (
            f"Supprimé{NO_BREAK}: la gêne des clients baisse de 1,8 point (1,2 à 2,4) et nous ne voyons"
            " aucune charge pour les équipes."
        )


def test_a_moved_problem_says_where_how_far_and_how_likely() -> None:
    told = verdict(Outcome.DISPLACED, **RELIEF, **LANDED, unsurveyed=0.18)
    with speaking("en"):
        assert sentences.story(told, NAMES) == [
            "For every 10 points lifted off customers, about 11 landed on Billing and Front desk, one hop"
            " away; in saying that staff pay we would be wrong less than once in twenty times.",
            "Customers are 1.8 points better off (1.2 to 2.4). With the ranges of both sides taken together,"
            " between 5 and 19 points landed for every 10 lifted.",
            "Where: Billing and Front desk (1 hop away on the value chain), irritant “Slow refunds”,"
            " +1.9 points (1.2 to 2.6).",
            "Likelihood that staff pay for this fix: 97%.",
            "18% of the places where it could have gone are not surveyed.",
        ]
    with speaking("fr"):
        assert sentences.where(told, NAMES) == (
            f"Où{NO_BREAK}: Facturation et Accueil (à 1 maillon sur la chaîne de valeur), irritant"
            f" «{NO_BREAK}Remboursements trop longs{NO_BREAK}», +1,9 point (1,2 à 2,6)."
        )


def moved(**known: Any) -> Verdict:
    """A displaced verdict with both effects close at hand."""
    clear = {"customer_effect": -2.0, "customer_low": -2.2, "customer_high": -1.8}
    landed = {"landing_effect": 1.4, "landing_low": 1.2, "landing_high": 1.6, "landing_hops": 2}
    return verdict(Outcome.DISPLACED, **{**clear, **LANDED, **landed, "landing_team": "billing", **known})


def test_a_moved_problem_says_how_much_of_the_relief_landed_where() -> None:
    with speaking("en"):
        assert sentences.headline(moved(), NAMES) == (
            "Of every 10 points lifted off customers, about 7 landed on Billing, two hops away; in saying"
            " that staff pay we would be wrong less than once in twenty times."
        )
        assert sentences.both_ranges(moved()) == (
            "Customers are 2.0 points better off (1.8 to 2.2). With the ranges of both sides taken together,"
            " between 5 and 9 points landed for every 10 lifted."
        )
    with speaking("fr"):
        assert sentences.headline(moved(), NAMES) == (
            "Sur 10 points de gêne épargnés aux clients, environ 7 sont retombés sur Facturation, à deux"
            f" maillons de là{THIN}; en disant que les équipes en paient le prix, nous nous tromperions moins"
            " d’une fois sur vingt."
        )


@pytest.mark.parametrize(
    ("probability", "odds"),
    [(0.951, "twenty"), (0.95, "ten"), (0.9, "five"), (0.8, None), (0.35, None), (None, None)],
)
def test_how_often_we_would_be_wrong_is_what_the_probability_says(
    probability: float | None, odds: str | None
) -> None:
    with speaking("en"):
        assert sentences.certainty(moved(probability=probability)) == odds
        said = sentences.headline(moved(probability=probability), NAMES)
    assert ("wrong less than once in" in said) == (odds is not None)
    assert said.endswith(f"once in {odds} times." if odds else "two hops away.")


@pytest.mark.parametrize(
    "known",
    [
        {"customer_low": -4.1, "customer_high": 0.1},  # relief that may be none
        {"customer_effect": -0.4, "customer_low": -0.7, "customer_high": -0.1},  # small beside its range
        {"landing_low": -0.6, "landing_high": 3.4},  # a burden of any size
        {"alternative_fix": "other"},
        {"landing_team": None},
        {"landing_effect": None, "landing_low": None, "landing_high": None},
    ],
)
def test_no_share_is_told_where_the_figures_do_not_tell_it(known: dict[str, Any]) -> None:
    with speaking("en"):
        assert sentences.headline(moved(**known), NAMES).startswith("Moved onto staff: customers are ")
        assert sentences.both_ranges(moved(**known)) is None


def test_many_teams_are_counted_and_those_of_the_fix_called_so() -> None:
    many = moved(landing_team="a|b|c|d", landing_hops=0)
    with speaking("en"):
        assert "landed on 4 teams, among those who carry out the fix;" in sentences.headline(many, NAMES)


tenth = st.integers(-100, 100).map(lambda hundredths: hundredths / 10)


@given(effect=tenth, burden=tenth, wide=st.integers(0, 30), wider=st.integers(0, 30))
def test_the_share_never_says_more_than_the_published_figures(
    effect: float, burden: float, wide: int, wider: int
) -> None:
    relief = Span(effect, round(effect - wide / 10, 1), round(effect + wide / 10, 1))
    landed = Span(burden, round(burden - wider / 10, 1), round(burden + wider / 10, 1))
    share = transfer(relief, landed)
    if share is None:
        return
    assert relief.low > 0  # customers are better off beyond doubt
    assert 0 <= share.low <= share.tenths <= share.high
    assert share.tenths >= 1
    # Neither finer than the figures: each end of a range alone gives a share within what is told.
    for lifted, added in (
        (relief.value, landed.low), (relief.value, landed.high),
        (relief.low, landed.value), (relief.high, landed.value),
        (relief.value - 0.05, landed.value + 0.05), (relief.value + 0.05, landed.value - 0.05),
    ):  # fmt: skip
        assert share.low <= 10 * max(added, 0) / lifted <= share.high


def test_everybody_in_a_team_would_make_it_known_sooner() -> None:
    waiting = verdict(Outcome.UNDETERMINED, Reason.TOO_EARLY, months_missing=2, answers_missing=8)
    with speaking("en"):
        assert sentences.until_known(waiting, Sooner(1, ["Billing"])) == (
            "It takes about 2 more months, or about 1 if everybody in Billing is asked and answers."
        )
        late = sentences.until_known(waiting, Sooner(2, ["Billing"]))
        assert late is not None
        assert "everybody" not in late


def test_without_figures_there_are_words_only() -> None:
    with speaking("en"):
        for outcome in (Outcome.RESOLVED, Outcome.DISPLACED, Outcome.INEFFECTIVE, Outcome.BACKFIRED):
            assert not any(letter.isdigit() for letter in sentences.headline(verdict(outcome)))


@pytest.mark.parametrize("reason", [None, *Reason])
def test_what_is_not_yet_known_says_why_and_about_how_long(reason: Reason | None) -> None:
    told = verdict(Outcome.UNDETERMINED, reason, months_missing=3, answers_missing=12)
    with speaking("en"):
        assert sentences.headline(told).startswith("Not yet known")
        assert sentences.until_known(told) == (
            "It takes about 3 more months, or less with about 12 more answers per team and month."
        )


def test_what_is_known_needs_no_more_time() -> None:
    assert sentences.until_known(verdict(Outcome.RESOLVED, months_missing=3)) is None


def test_a_rival_is_named() -> None:
    with speaking("en"):
        assert sentences.rival(verdict(Outcome.DISPLACED, alternative_fix="other"), NAMES) == (
            "It may as well be due to “Another fix”: the answers do not tell the two apart."
        )


def test_nothing_is_called_certain() -> None:
    with speaking("en"):
        assert sentences.chance(1.0) == "more than 99%"
        assert sentences.chance(0.0) == "less than 1%"


@pytest.mark.parametrize("language", ["fr", "en"])
@given(
    outcome=st.sampled_from(Outcome),
    reason=st.sampled_from([None, *Reason]),
    known=st.booleans(),
    hops=st.none() | st.integers(0, 2),
    probability=st.none() | st.floats(0, 1),
    months=st.none() | st.integers(1, 24),
    answers=st.none() | st.integers(1, 500),
)
def test_every_verdict_can_be_told(
    language: str,
    outcome: Outcome,
    reason: Reason | None,
    known: bool,
    hops: int | None,
    probability: float | None,
    months: int | None,
    answers: int | None,
) -> None:
    landed = {**LANDED, "landing_hops": hops, "probability": probability} if known else {}
    told = verdict(
        outcome,
        reason,
        **(RELIEF if known else {}),
        **landed,
        months_missing=months,
        answers_missing=answers,
    )
    with speaking(language):
        story = sentences.story(told, NAMES)
    assert story
    assert all(sentence and "%(" not in sentence and "None" not in sentence for sentence in story)
    assert not any(word in sentence for word in ("significa", "correlat", "corrélat") for sentence in story)


def test_a_code_without_a_name_stands_for_itself() -> None:
    assert Names().teams("a|b") == ["a", "b"]
    assert Names().teams(None) == []


def sighting(*, more: bool = False, earliest: int = 2, latest: int = 4, evidence: float = 2.2) -> Sighting:
    """A change around March 2026."""
    around = {"month": date(2026, 3, 1), "earliest": date(2026, earliest, 1), "latest": date(2026, latest, 1)}
    return Sighting(irritant="refunds", more=more, evidence=evidence, **around)


def test_a_change_is_told_with_its_month_and_range_and_blames_nobody() -> None:
    with speaking("en"):
        assert sentences.change(sighting(), "Slow refunds") == (
            "Something changed around March 2026: customers are bothered less by “Slow refunds” since then"
            " (between February 2026 and April 2026)."
        )
        assert sentences.change(sighting(more=True, earliest=3, latest=3), "Slow refunds") == (
            "Something changed in March 2026: customers are bothered more by “Slow refunds” since then."
        )
        assert sentences.change_question() == "Was it a fix? Register it."
    with speaking("fr"):
        assert sentences.change(sighting(), "Remboursements trop longs") == (
            f"Quelque chose a changé vers mars 2026{NO_BREAK}: depuis, «{NO_BREAK}Remboursements trop"
            f" longs{NO_BREAK}» gêne moins les clients (entre février 2026 et avril 2026)."
        )


@pytest.mark.parametrize(
    ("evidence", "times"),
    [(1.3, "about 20 times"), (2.2, "about 160 times"), (3.6, "about 4,000 times"), (6.0, "a million times")],
)
def test_how_clear_a_change_is_is_told_in_times(evidence: float, times: str) -> None:
    with speaking("en"):
        assert times in sentences.change_evidence(sighting(evidence=evidence))


@given(st.floats(1.3, 300))
def test_any_evidence_can_be_told(evidence: float) -> None:
    assert sentences.change_evidence(sighting(evidence=round(evidence, 1))).endswith("if nothing did.")
