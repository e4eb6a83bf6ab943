"""What differs between the two sides: priors, floors and the sizes of effect that are looked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pulse.correlation.panel import FloatArray


@dataclass(frozen=True)
class Scale:
    """Constants of one side (method.md §4). Points for staff; shares of a row's level for customers.

    relative -- scores are divided by their row's level, so that effects are shares of it
    level_sd -- prior spread of a row's level around its irritant's
    overlap_sd -- size another fix on the same rows may have
    split_sd -- spread of a team's level around that of the team it split from
    month_ridge -- what steadies the weights while the common month effect is taken out
    telling_months -- months below which too little has been seen to judge how much things move (0 = none)
    variance_floor -- least variance of a single answer, after division by the level
    sizes, odds -- effects looked for and their prior weights
    """

    relative: bool
    level_sd: float
    overlap_sd: float
    split_sd: float
    month_ridge: float
    telling_months: float
    variance_floor: float
    sizes: FloatArray
    odds: FloatArray


STAFF = Scale(
    relative=False,
    level_sd=1.2,
    overlap_sd=1.0,
    split_sd=0.5,
    month_ridge=0.1,
    telling_months=0.0,
    variance_floor=0.1,
    sizes=np.array([0.4, 0.6, 0.8, 1.0, 1.3, 1.7, 2.3]),
    odds=np.array([0.12, 0.17, 0.18, 0.18, 0.15, 0.12, 0.08]),
)
CUSTOMERS = Scale(
    relative=True,
    level_sd=0.6,
    overlap_sd=0.4,
    split_sd=0.2,
    month_ridge=0.02,
    telling_months=11.0,
    variance_floor=0.02,
    sizes=np.array([0.10, 0.18, 0.28, 0.40, 0.55, 0.75]),
    odds=np.array([0.12, 0.18, 0.22, 0.22, 0.16, 0.10]),
)
