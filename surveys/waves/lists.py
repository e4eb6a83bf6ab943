"""Which irritants a ballot unit may be asked about: nine at most that matter near it. Pure."""

from collections.abc import Collection, Mapping

from pulse.correlation.design import draw

LONGEST = 9  # longer lists waste answers: each irritant then gets too few (method.md, section 8)
BY_LOT = 2  # of them drawn from what customers raise less: a burden may move where nobody looks


def live(
    unit: str,
    year: int,
    near: Collection[str],
    raised: Mapping[str, float],
    kept: Collection[str] = (),
) -> tuple[str, ...]:
    """The irritants of a unit's list, in the order of their codes.

    unit -- its code; year -- the lot is drawn anew every year, so that there is a before and an after
    near -- irritants met at touchpoints near the unit
    raised -- how much customers raise each of them there; one left out: not at all
    kept -- on the list whatever customers say: running fixes, and what a team's own list names

    All of them where they are nine or fewer. Else those kept, those that customers raise most, and two drawn
    by lot; what is left is parked. Equal ones are settled by lot as well.
    """
    listed = set(kept) | set(near)
    if len(listed) <= LONGEST:
        return tuple(sorted(listed))
    chosen = set(kept)
    ranked = sorted(
        listed - chosen, key=lambda irritant: (-raised.get(irritant, 0.0), draw(unit, str(year), irritant))
    )
    places = max(LONGEST - len(chosen), 0)
    by_lot = min(BY_LOT, places)
    chosen |= set(ranked[: places - by_lot])
    others = sorted(ranked[places - by_lot :], key=lambda irritant: draw(unit, irritant, str(year)))
    return tuple(sorted(chosen | set(others[:by_lot])))
