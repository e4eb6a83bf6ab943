"""How much units, irritants and rows move by themselves."""

from __future__ import annotations

import numpy as np
import pytest

from pulse.correlation.components import Component, fit
from pulse.correlation.month_effect import common_month
from pulse.correlation.scales import STAFF
from pulse.correlation.side import scope_of, side
from tests.pulse.correlation.company import panel

LAGS = np.arange(1, 13)


@pytest.mark.parametrize(
    "truth",
    [
        Component(white=0.3),
        Component(white=0.1, fading=0.4, memory=0.7),
        Component(white=0.2, walk=0.05),
        Component(white=0.1, season=0.2),
        Component(white=0.1, fading=0.3, memory=0.5, walk=0.02),
    ],
)
def test_an_exact_variogram_gives_its_component_back(truth):
    h = LAGS.astype(float)
    curve = (
        truth.white + truth.fading * (1 - truth.memory**h) + truth.walk * h / 2
        + truth.season * (1 - np.cos(np.pi * h / 6))
    )  # fmt: skip

    found = fit(LAGS, curve, np.ones(12))

    for part in ("white", "fading", "walk", "season"):
        assert getattr(found, part) == pytest.approx(getattr(truth, part), abs=1e-6)


def test_a_covariance_has_the_total_on_its_diagonal_and_is_no_less_than_nothing():
    component = Component(white=0.1, fading=0.4, memory=0.7, walk=0.05, season=0.2)
    matrix = component.covariance(24)

    assert matrix[0, 0] == pytest.approx(0.7)
    assert np.linalg.eigvalsh(matrix).min() > -1e-9
    assert Component(white=-0.2).covariance(3).tolist() == [[0.0] * 3] * 3


def test_nothing_to_tell_from_gives_nothing():
    assert fit(LAGS, np.zeros(12), np.zeros(12)) == Component()
    assert fit(LAGS[:1], np.array([0.5]), np.ones(1)) == Component(white=0.5)


@pytest.mark.parametrize(("shape", "which"), [((30, 1), "unit"), ((1, 12), "irritant"), ((30, 12), "row")])
def test_noise_is_found_where_it_lies(shape, which):
    rng = np.random.default_rng(5)
    mean = 4 + np.broadcast_to(rng.normal(0, 0.6, (*shape, 40)), (30, 12, 40))
    made = panel(mean, np.full(mean.shape, 20.0), 2.0, rng)

    prepared = side(made, 39, STAFF, scope_of([]), 0)

    found = {name: getattr(prepared.parts, name).total for name in ("unit", "irritant", "row")}
    assert found.pop(which) == pytest.approx(0.36, rel=0.35)
    assert max(found.values()) < 0.08


def test_what_all_rows_share_in_a_month_is_the_common_effect():
    rng = np.random.default_rng(6)
    shared = rng.normal(0, 1, 24)
    made = panel(4 + np.broadcast_to(shared, (20, 6, 24)), np.full((20, 6, 24), 500.0), 1.0, rng)
    prepared = side(made, 23, STAFF, scope_of([]), 0)

    theta = common_month(prepared.cells)

    assert theta - theta.mean() == pytest.approx(shared - shared.mean(), abs=0.05)
