"""Exact sums and released figures are read in the ledger's own room alone; everybody else asks the door."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.test_floor_plan import ROOT, sources, within

LEDGER = "pulse.ledger"
BEHIND_THE_DOOR = {"MeasuredCell", "ReleasedCell", "ParticipationBand"}
TABLES = {"measured_cell", "released_cell", "participation_band"}
FOR_THE_NIGHT = {"measured", "cells"}  # of pulse.ledger.store: exact sums
THE_NIGHT = {"pulse.verdicts.company", "pulse.verdicts.planning"}


def around_the_door(modules: dict[str, ast.Module]) -> Iterator[str]:
    """Modules that read figures without asking the door."""
    for module, tree in modules.items():
        if within(module, LEDGER):
            continue
        for node in ast.walk(tree):
            line = getattr(node, "lineno", 0)
            match node:
                case ast.alias(name=name) | ast.Attribute(attr=name) | ast.Name(id=name) if (
                    name in BEHIND_THE_DOOR
                ):
                    yield f"{module}:{line}: reads {name}; ask pulse.ledger.figures"
                case ast.Constant(value=str(text)) if any(table in text for table in TABLES):
                    yield f"{module}:{line}: names a table of figures; ask pulse.ledger.figures"
                case ast.Attribute(value=ast.Name(id="store"), attr=name) if (
                    name in FOR_THE_NIGHT and module not in THE_NIGHT
                ):
                    yield f"{module}:{line}: calls store.{name}, which is for the night alone"


def test_nobody_goes_around_the_door_to_figures():
    assert list(around_the_door(sources(ROOT))) == []


def test_planted_ways_around_it_are_found(tmp_path: Path):
    (tmp_path / "pulse" / "dashboards").mkdir(parents=True)
    (tmp_path / "pulse" / "dashboards" / "queries.py").write_text(
        "from pulse.ledger.models import ReleasedCell\n"
        "import pulse.ledger.models as models\n"
        "def rows(session):\n"
        "    session.scalars(models.MeasuredCell)\n"
        "    session.execute('SELECT * FROM measured_cell')\n"
        "    return store.measured(session)\n"
    )
    assert list(around_the_door(sources(tmp_path))) == [
        "pulse.dashboards.queries:1: reads ReleasedCell; ask pulse.ledger.figures",
        "pulse.dashboards.queries:4: reads MeasuredCell; ask pulse.ledger.figures",
        "pulse.dashboards.queries:5: names a table of figures; ask pulse.ledger.figures",
        "pulse.dashboards.queries:6: calls store.measured, which is for the night alone",
    ]
