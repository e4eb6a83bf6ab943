"""Where the steps stand: pure, and the same in whatever order they are done."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from surveys.starting.steps import BEGUN, LOOKED, READY, SENT, Facts, State, Step, following, holds, states

NOW = datetime(2026, 11, 20, tzinfo=UTC)
said = st.dictionaries(
    st.sampled_from([BEGUN, LOOKED, SENT, READY]), st.integers(-9, 9).map(lambda days: NOW + timedelta(days))
)
facts = st.builds(Facts, st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), said, st.booleans())


@given(facts)
def test_the_step_to_go_on_with_is_one_that_can_be_done(known: Facts) -> None:
    found = states(known)
    on = following(found)
    assert on is None or found[on] is State.OPEN
    assert on is not None or State.DONE in found.values()
    assert (found[Step.FOLDER] is State.DONE) == bool(known.teams and known.irritants)


@given(said, st.booleans())
def test_waves_wait_only_where_a_first_run_was_begun_on_screen(
    names: dict[str, datetime], opened: bool
) -> None:
    held = holds(names, NOW, opened=opened)
    assert not (held and (opened or BEGUN not in names))
    assert held or opened or BEGUN not in names or names[READY] <= NOW


def test_an_empty_database_begins_with_the_folder() -> None:
    nothing = Facts(0, 0, 0, {}, False)
    assert nothing.empty
    assert following(states(nothing)) is Step.FOLDER
    assert states(nothing)[Step.LOOK] is states(nothing)[Step.WAVE] is State.WAITING
