"""What the code does not do: each of these would be a way in, so a test looks for it in every module."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from config import ROOT

OURS = ("pulse", "surveys", "demo")
# Names by which text is run, or bytes become objects of any kind.
RUNS = {"eval", "exec", "compile", "__import__", "render_template_string", "from_string", "attrgetter"}
LOADS = {"pickle", "marshal", "shelve", "dill", "joblib", "yaml", "jsonpickle", "cloudpickle"}
# What speaks a language of its own to something that could be fooled in it; none of it is here.
INTERPRETERS = {
    *LOADS,
    *("ldap", "ldap3", "lxml", "xml.etree", "xml.dom", "xml.sax", "defusedxml", "memcache", "pymemcache"),
    *("redis", "graphene", "graphql", "ariadne", "strawberry", "websockets", "simple_websocket", "aiortc"),
    *("flask_socketio", "saml2", "onelogin", "jwt", "telnetlib", "ftplib", "xmlrpc", "pexpect", "markdown"),
    *("commonmark", "bleach", "pylatex", "jpype", "py4j"),
}
STARTS_PROGRAMS = {  # each by a list of words, and never through a shell
    "surveys.keeping.postgresql": "pg_dump and pg_restore",
    "surveys.watching.serving": "the web server",
    "surveys.watching.supervisor": "the web server",
}
Modules = dict[str, ast.Module]
XML_WRITTEN = {"pulse.heard.feed", "surveys.delivery.squares"}  # write it, and read none


@pytest.fixture(scope="module")
def modules() -> Modules:
    """Every module that serves, parsed."""
    files = [path for package in OURS for path in (ROOT / package).rglob("*.py")]
    files += [ROOT / "wsgi.py", ROOT / "config.py"]
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
        for path in files
    }


@pytest.fixture(scope="module")
def texts(modules: Modules) -> dict[str, str]:
    """Every module as it is written."""
    return {
        module: (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8") for module in modules
    }


def called(node: ast.AST) -> str:
    """The name that is called, without what it belongs to."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
    return ""


def calls(modules: Modules) -> list[tuple[str, ast.Call]]:
    """Every call of every module."""
    return [(module, node) for module, node in _nodes(tuple(modules.items())) if isinstance(node, ast.Call)]


@cache
def _nodes(modules: tuple[tuple[str, ast.Module], ...]) -> list[tuple[str, ast.AST]]:
    wanted = (ast.Call, ast.Import, ast.ImportFrom)
    return [(name, node) for name, tree in modules for node in ast.walk(tree) if isinstance(node, wanted)]


@cache
def imports(tree: ast.Module) -> frozenset[str]:
    """Everything a module imports, by its whole name."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def within(name: str, places: set[str]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


def test_no_text_is_run_as_code(modules: Modules) -> None:
    found = [
        f"{module}:{node.lineno}: {called(node)}"
        for module, node in calls(modules)
        if called(node) in RUNS and not (isinstance(node.func, ast.Attribute) and node.func.attr == "compile")
    ]
    assert found == []


def test_no_bytes_become_objects_and_no_strange_language_is_spoken(modules: Modules) -> None:
    """No pickle and no YAML; no LDAP, XPath, XML parser, memcache, GraphQL, web socket, SAML or markup."""
    found = [
        f"{module} imports {name}"
        for module, tree in modules.items()
        for name in imports(tree)
        if within(name, INTERPRETERS) and module not in XML_WRITTEN
    ]
    assert found == []


def test_what_writes_xml_reads_none(modules: Modules) -> None:
    for module in XML_WRITTEN & set(modules):
        names = {called(node) for node in ast.walk(modules[module])}
        assert not names & {"parse", "fromstring", "iterparse", "XMLParser", "XML", "parseString"}, module


def test_programs_are_started_by_lists_of_words_alone(modules: Modules) -> None:
    started = {module for module, tree in modules.items() if within_any(imports(tree), {"subprocess", "pty"})}
    assert started <= set(STARTS_PROGRAMS), "say here which program is started, and why"
    for module, node in calls(modules):
        assert called(node) not in {"system", "popen", "spawnl", "getoutput", "getstatusoutput"}, module
        assert "shell" not in {word.arg for word in node.keywords}, f"{module}:{node.lineno}"


def within_any(names: frozenset[str], places: set[str]) -> bool:
    return any(within(name, places) for name in names)


def test_statements_stand_in_the_code_and_values_are_given_beside_them(modules: Modules) -> None:
    """A statement put together from pieces is one of names of ours, and its module is named here."""
    known = {
        "surveys.ballots.rewriting": "names of two tables of ours",
        "surveys.ballots.urn": "the names of four functions of ours",
        "surveys.cli": "the rights of roles, quoted, carried out by the owner",
        "surveys.watching.databases": "names of settings and tables of ours",
        "pulse.db": "PRAGMA with a word of ours",
    }
    found = {
        module
        for module, node in calls(modules)
        if called(node) in {"text", "exec_driver_sql", "execute"}
        and node.args
        and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
        and _is_sql(node)
    }
    assert {module for module in found if not module.startswith("surveys.keeping")} <= set(known)


def _is_sql(node: ast.Call) -> bool:
    said = ast.unparse(node.args[0]).upper()
    return bool(re.search("SELECT|INSERT|UPDATE|DELETE|DROP|TRUNCATE|PRAGMA", said))


def test_patterns_are_written_in_the_code(modules: Modules) -> None:
    """No pattern is made of what somebody typed: where one is made of pieces, these are escaped or ours."""
    ours = {"pulse.exports", "surveys.delivery.claims", "surveys.api.schemas"}
    for module, node in calls(modules):
        match node.func:
            case ast.Attribute(value=ast.Name(id="re"), attr=name) if name != "escape" and node.args:
                plain = isinstance(node.args[0], ast.Constant) or (
                    isinstance(node.args[0], ast.JoinedStr | ast.BinOp | ast.Name) and module in ours
                )
                assert plain or _of_constants(node.args[0]), f"{module}:{node.lineno}"


def _of_constants(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        parts = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        return all(called(part) == "escape" or _of_constants(part) for part in parts)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def test_a_pattern_made_of_a_servers_answer_is_escaped() -> None:
    text = (ROOT / "surveys" / "delivery" / "claims.py").read_text(encoding="utf-8")
    assert "re.escape(" in text


def test_no_text_of_somebodys_decides_how_others_are_put_together(modules: Modules) -> None:
    """`format` and `%` are used on texts that stand in the code, never on ones that came from outside."""
    for module, node in calls(modules):
        if module.startswith("demo"):  # which knows nothing from outside
            continue
        if called(node) in {"format", "format_map"} and isinstance(node.func, ast.Attribute):
            ours = isinstance(node.func.value, ast.Constant) or called(node.func.value) == "super"
            assert ours, f"{module}:{node.lineno}"


def test_secrets_are_drawn_by_the_systems_generator(modules: Modules) -> None:
    """`random` is for made-up companies and lots that anybody may work out; nothing secret comes from it."""
    lots = {
        "surveys.responses.answers": "in which order a page asks",
        "surveys.demonstration": "made-up answers",
    }
    for module, node in calls(modules):
        if module.startswith("demo"):
            continue
        match node.func:
            case ast.Attribute(value=ast.Name(id="random"), attr=name):
                assert name == "SystemRandom" or module in lots, f"{module}:{node.lineno}"
            case ast.Name(id="Random"):
                assert module in lots, f"{module}:{node.lineno}"


def test_only_sound_digests_are_used(modules: Modules) -> None:
    for module, node in calls(modules):
        match node.func:
            case ast.Attribute(value=ast.Name(id="hashlib"), attr=name):
                aside = any(word.arg == "usedforsecurity" for word in node.keywords)
                assert name in {"sha256", "sha384", "sha512"} or aside, f"{module}:{node.lineno}"
    listed = {module for module, tree in modules.items() if "Crypto" in imports(tree)}
    assert listed == set()


def test_no_cipher_and_no_signature_is_made_by_hand(modules: Modules, texts: dict[str, str]) -> None:
    """One module computes with big numbers, after RFC 9474: its examples come out, and a library verifies."""
    users = {
        module
        for module, tree in modules.items()
        if any(name.startswith("cryptography.hazmat.primitives.ciphers") for name in imports(tree))
    }
    assert users <= {"pulse.people.factors", "pulse.webhooks.signing", "pulse.webhooks.service"}
    unsound = r"\b(ECB|ARC4|TripleDES|Blowfish|IDEA|CAST5|PKCS1v15)\b"
    assert [module for module, text in texts.items() if re.search(unsound, text)] == []


def test_certificates_are_always_looked_at(texts: dict[str, str]) -> None:
    blind = r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_unverified_"
    assert [module for module, text in texts.items() if re.search(blind, text)] == []


def test_fields_of_forms_and_of_addresses_are_told_apart(texts: dict[str, str]) -> None:
    assert [module for module, text in texts.items() if re.search(r"\brequest\.values\b", text)] == []


def test_no_form_writes_its_fields_into_a_row_by_itself(modules: Modules) -> None:
    for module, node in calls(modules):
        assert called(node) != "populate_obj", f"{module}:{node.lineno}"
        assert not (called(node) == "setattr" and "form" in ast.unparse(node)), f"{module}:{node.lineno}"


def test_nothing_but_what_is_locked_is_imported(modules: Modules) -> None:
    """No module of a package that came along with another one by chance, and none made for tests."""
    named = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    wanted = {re.split(r"[\[<>=]", one)[0] for one in named}
    own = {*OURS, "wsgi", "config", "__future__"} | set(sys.stdlib_module_names)
    of = packages_distributions()
    came_along = {"werkzeug", "jinja2", "markupsafe", "itsdangerous", "click", "pydantic", "pydantic_core"}
    came_along |= {"dask", "distributed", "joserfc", "urllib3"}
    for module, tree in modules.items():
        for name in {one.partition(".")[0] for one in imports(tree)} - own - came_along:
            assert {one.lower().replace("_", "-") for one in of.get(name, [])} & wanted, f"{module}: {name}"


def test_pages_escape_whatever_they_show(app: object) -> None:
    from flask import Flask
    from markupsafe import escape

    assert isinstance(app, Flask)
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe\b|autoescape\s+false|\|\s*attr\b", text), template
        assert not re.search(r"\son\w+=\"|\sstyle=\"", text), template
        assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", text), template
        assert text.count('target="_blank"') == text.count('target="_blank" rel="noopener"'), template
    assert app.jinja_env.autoescape is not False
    rendered = app.jinja_env.from_string("{{ x }}").render(x="<script>'\"&")
    assert app.select_jinja_autoescape("a.html")
    assert str(escape("<script>'\"&")) == "&lt;script&gt;&#39;&#34;&amp;"
    assert rendered


def test_only_what_a_template_made_is_taken_for_markup(modules: Modules) -> None:
    """`Markup` marks text as safe; where it is called, what it is given was made of escaped pieces."""
    known = {"pulse.heard.views": "a template's page", "pulse.people.factor_views": "a square drawn by segno"}
    known |= {"surveys.delivery.squares": "a square drawn by segno"}
    assert {module for module, node in calls(modules) if called(node) == "Markup"} <= set(known)


SCRIPTS = sorted((ROOT / "static").glob("*.js"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_show_texts_as_texts(script: Path) -> None:
    text = re.sub(r"//.*|/\*.*?\*/", "", script.read_text(encoding="utf-8"), flags=re.DOTALL)
    for bad in (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function",
        r"set(Timeout|Interval)\(\s*[\"'`]",
        r"__proto__|\.prototype\s*[\[=]|constructor\s*\[",
        r"new (WebSocket|RTCPeerConnection|EventSource|XMLHttpRequest)|importScripts",
        r"document\.cookie|<applet|\.swf|callback=",
    ):
        assert not re.search(bad, text), bad


def test_browsers_keep_nothing_that_tells_what_somebody_answered() -> None:
    """A drawn ballot waits there until it is cast; beside it, a key's fingerprint and ticks of a form."""
    kept: set[str] = set()
    for script in SCRIPTS:
        text = script.read_text(encoding="utf-8")
        kept |= {f"{script.name}: {name}" for name in re.findall(r"(?:session|local)Storage|indexedDB", text)}
    ballots = {f"ballot.js: {name}" for name in ("indexedDB", "sessionStorage", "localStorage")}
    assert kept == ballots | {"sign_in.js: localStorage"}


def test_no_page_fetches_anything_from_elsewhere() -> None:
    for page in (ROOT / "templates").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"(src|href)=[\"'](https?:)?//", text), page
    for style in (ROOT / "static").glob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\((?![\"']?data:)", text), style


def test_no_secret_stands_in_the_code(texts: dict[str, str]) -> None:
    from config import Settings

    for name, field in Settings.model_fields.items():
        if "SecretStr" in str(field.annotation):
            assert field.default is None, name
    secret = r"-----BEGIN|AKIA[0-9A-Z]{16}|ghp_\w{36}|(password|secret)\s*=\s*'[^'{]{12,}'"
    assert [module for module, text in texts.items() if re.search(secret, text)] == []


def test_nothing_is_run_for_developers(modules: Modules) -> None:
    for module, node in calls(modules):
        assert "debug" not in {word.arg for word in node.keywords}, f"{module}:{node.lineno}"
        assert called(node) not in {"set_trace", "breakpoint", "DebuggedApplication"}, module
    made_for_trying = {"tests", "benchmarks", "pytest", "pdb", "werkzeug.debug"}
    assert [module for module, tree in modules.items() if within_any(imports(tree), made_for_trying)] == []
