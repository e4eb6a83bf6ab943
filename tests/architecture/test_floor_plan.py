"""The floor plan holds: imports point one way, the method stands alone, every door is marked."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A room imports only from rooms on a line above its own. Rooms on one line are one room.
ROOMS = """
config
demo
pulse.months
pulse.db
pulse.migrations
pulse.i18n pulse.menu pulse.web pulse.troubles pulse.forms pulse.exports pulse.downloads pulse.paper
pulse.scheduler
pulse.outbox
pulse.organisation
pulse.people
pulse.webhooks
pulse.ledger
pulse.correlation
pulse.verdicts
pulse.heard
pulse.registering
pulse.dashboards
pulse.cli pulse.wiring
surveys.questions
surveys.waves
surveys.invitations
surveys.ballots
surveys.responses
surveys.cases
surveys.proposals
surveys.delivery
surveys.imports
surveys.starting
surveys.api
surveys.demonstration surveys.telling
surveys.clock
surveys.jobs
surveys.watching
surveys.keeping
surveys.cli surveys.wiring
wsgi
"""
FLOOR = {room: floor for floor, line in enumerate(ROOMS.split("\n")) for room in line.split()}
PACKAGES = ("pulse", "surveys")
ALONE = {
    "demo": {"numpy"},
    "pulse.correlation": {"numpy", "scipy"},
}  # what these may import beside Python's own
QUERY_WORDS = {"select", "insert", "update", "delete", "text", "func", "exists", "union", "case"}
SESSION_VERBS = {"execute", "scalars", "scalar", "scalar_one", "query", "stream"}


def sources(root: Path) -> dict[str, ast.Module]:
    """The parsed modules of the project under a folder, by dotted name; a package goes by its own name."""
    files = [root / f"{name}.py" for name in ("config", "demo", "wsgi")]
    files += [file for package in (*PACKAGES, "demo") for file in (root / package).rglob("*.py")]
    return {
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
            file.read_text(encoding="utf-8"), filename=str(file)
        )
        for file in files
        if file.exists()
    }


def within(name: str, whole: str) -> bool:
    """Whether a dotted name is another one or lies inside it."""
    return name == whole or name.startswith(whole + ".")


def room_of(module: str) -> str | None:
    """The room a module belongs to, or None where the floor plan has no place for it."""
    return next((room for room in FLOOR if within(module, room)), None)


def imports(module: str, tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The dotted names a module imports, anywhere in it, each with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, node.lineno) for alias in names)
            case ast.ImportFrom(module=source, names=names, level=0):
                yield from ((f"{source}.{alias.name}", node.lineno) for alias in names)
            case ast.ImportFrom():
                yield f"{module} by a relative import", node.lineno
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__"), args=[ast.Constant(value=str(name)), *_]
            ):
                yield name, node.lineno
            case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name)), *_]):
                yield name, node.lineno


def own(name: str, modules: dict[str, ast.Module]) -> str | None:
    """The module of the project that an imported name means, or None where it is somebody else's."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name or None


def misplaced(modules: dict[str, ast.Module]) -> Iterator[str]:
    """Modules for which the floor plan has no room."""
    for module in modules:
        if room_of(module) is None and module not in PACKAGES:
            yield f"{module}: belongs to no room of the floor plan"


def upward(modules: dict[str, ast.Module]) -> Iterator[str]:
    """Imports from a room that is not above one's own."""
    for module, tree in modules.items():
        for name, line in imports(module, tree):
            target = own(name, modules)
            here, there = room_of(module), room_of(target or "")
            if module in PACKAGES and target:
                yield f"{module}:{line}: a package's own file imports nothing, but imports {name}"
            elif here and there and here != there and FLOOR[here] < FLOOR[there]:
                yield f"{module}:{line}: imports {name}, which is no room above {here}"
            elif "relative import" in name:
                yield f"{module}:{line}: imports {name}; write the whole name"


def rings(modules: dict[str, ast.Module]) -> Iterator[str]:
    """Modules that import each other in a ring, hidden imports included."""
    edges = {
        module: sorted(
            {target for name, _ in imports(module, tree) if (target := own(name, modules))} - {module}
        )
        for module, tree in sorted(modules.items())
    }
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as ring:
        yield "a ring of imports: " + " -> ".join(reversed(ring.args[1]))


def not_alone(modules: dict[str, ast.Module]) -> Iterator[str]:
    """Imports by which a room that stands alone would come to depend on something."""
    for module, tree in modules.items():
        room = room_of(module) or ""
        for name, line in imports(module, tree) if room in ALONE else ():
            top = name.partition(".")[0]
            if not within(name, room) and top not in ALONE[room] | sys.stdlib_module_names | {"__future__"}:
                yield f"{module}:{line}: {room} stands alone, but imports {name}"


def queries_in_views(modules: dict[str, ast.Module]) -> Iterator[str]:
    """Database queries written in a view, which only opens the door and the transaction."""
    for module, tree in modules.items():
        if module.rpartition(".")[2] != "views":
            continue
        for name, line in imports(module, tree):
            if within(name, "sqlalchemy") and name.rpartition(".")[2] in QUERY_WORDS:
                yield f"{module}:{line}: a view makes no query, but imports {name}"
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in SESSION_VERBS
            ):
                yield f"{module}:{node.lineno}: a view makes no query, but calls {node.func.attr}"


def commits_in_services(modules: dict[str, ast.Module]) -> Iterator[str]:
    """Commits by a module that only serves: the transaction is its caller's, one per request or job."""
    for module, tree in modules.items():
        if module.rpartition(".")[2] not in {"service", "queries", "store"}:
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "commit"
            ):
                yield f"{module}:{node.lineno}: commits, but the transaction is its caller's"


RULES = (misplaced, upward, rings, not_alone, queries_in_views, commits_in_services)


def faults(root: Path) -> list[str]:
    """Everything under a folder that goes against the floor plan, one sentence each."""
    modules = sources(root)
    return [fault for rule in RULES for fault in rule(modules)]


def test_the_house_follows_its_floor_plan():
    assert faults(ROOT) == []


def test_import_linter_holds_the_same_plan():
    config = ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    layers = config["importlinter:contract:rooms"]["layers"].strip().splitlines()
    theirs = [set(layer.translate(str.maketrans("():", "   ")).split()) for layer in reversed(layers)]

    ours = [set(line.split()) for line in ROOMS.strip().splitlines()]
    assert theirs == [rooms for rooms in ours if not rooms <= {"config", "demo", "wsgi"}]


PLANTED = {
    "an upward import": (
        {"pulse/ledger/store.py": "from pulse.verdicts import rules", "pulse/verdicts/rules.py": ""},
        ["pulse.ledger.store:1: imports pulse.verdicts.rules, which is no room above pulse.ledger"],
    ),
    "an upward import inside a function": (
        {"pulse/db.py": "def late():\n    import pulse.people.models", "pulse/people/models.py": ""},
        ["pulse.db:2: imports pulse.people.models, which is no room above pulse.db"],
    ),
    "an upward import by name": (
        {
            "pulse/db.py": "import importlib\nimportlib.import_module('surveys.cli')",
            "surveys/cli.py": "",
        },
        ["pulse.db:2: imports surveys.cli, which is no room above pulse.db"],
    ),
    "pulse importing surveys": (
        {"pulse/wiring.py": "from surveys import waves", "surveys/waves/__init__.py": ""},
        ["pulse.wiring:1: imports surveys.waves, which is no room above pulse.wiring"],
    ),
    "a package whose own file imports": (
        {"pulse/__init__.py": "from pulse import db", "pulse/db.py": ""},
        ["pulse:1: a package's own file imports nothing, but imports pulse.db"],
    ),
    "Flask in the method": (
        {"pulse/correlation/effect.py": "import math\nimport numpy as np\nfrom flask import request"},
        ["pulse.correlation.effect:3: pulse.correlation stands alone, but imports flask.request"],
    ),
    "a room below in the method": (
        {"pulse/correlation/effect.py": "from pulse.ledger import cells", "pulse/ledger/cells.py": ""},
        ["pulse.correlation.effect:1: pulse.correlation stands alone, but imports pulse.ledger.cells"],
    ),
    "a made-up company that leans on a room": (
        {"demo.py": "from pulse.db import Base", "pulse/db.py": "Base = object"},
        [
            "demo:1: imports pulse.db.Base, which is no room above demo",
            "demo:1: demo stands alone, but imports pulse.db.Base",
        ],
    ),
    "a ring within a room": (
        {
            "pulse/people/login.py": "from pulse.people import roles",
            "pulse/people/roles.py": "def late():\n    from pulse.people.login import door",
        },
        ["a ring of imports: pulse.people.login -> pulse.people.roles -> pulse.people.login"],
    ),
    "a room that is not in the plan": (
        {"pulse/helpers.py": ""},
        ["pulse.helpers: belongs to no room of the floor plan"],
    ),
    "a query in a view": (
        {"pulse/people/views.py": "from sqlalchemy import select\nsession.scalars(select(1))"},
        [
            "pulse.people.views:1: a view makes no query, but imports sqlalchemy.select",
            "pulse.people.views:2: a view makes no query, but calls scalars",
        ],
    ),
    "a service that commits": (
        {"pulse/people/service.py": "def join(session):\n    session.commit()"},
        ["pulse.people.service:2: commits, but the transaction is its caller's"],
    ),
    "a relative import": (
        {"pulse/people/service.py": "from . import models"},
        ["pulse.people.service:1: imports pulse.people.service by a relative import; write the whole name"],
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_violation_is_found(planted, tmp_path):
    files, expected = PLANTED[planted]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    assert faults(tmp_path) == expected


def test_imports_from_rooms_above_are_welcome(tmp_path):
    (tmp_path / "surveys" / "waves").mkdir(parents=True)
    (tmp_path / "pulse").mkdir()
    (tmp_path / "pulse" / "db.py").write_text("import config")
    (tmp_path / "config.py").write_text("")
    (tmp_path / "surveys" / "waves" / "service.py").write_text("from pulse.db import Session\nimport numpy")

    assert faults(tmp_path) == []


def test_a_web_worker_loads_nothing_that_only_the_night_or_a_document_needs() -> None:
    loaded = "import sys, wsgi; print(*{name.partition('.')[0] for name in sys.modules})"
    told = subprocess.run(
        [sys.executable, "-c", loaded], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert not set(told.stdout.split()) & {"numpy", "scipy", "sklearn", "plotly", "networkx", "fpdf", "PIL"}
