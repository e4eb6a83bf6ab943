"""The ways in: every import, brought one file after the other, and what came of each."""

import csv
import html
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from benchmarks.corpora import companies
from benchmarks.corpora.bodies import bodies
from benchmarks.corpora.companies import FOLDERS, TABLES, Folder
from benchmarks.corpora.tables import BAD, SHARED, Table, given, written
from benchmarks.serving import SECRET
from pulse import db
from pulse.people import api_keys, service
from pulse.people.models import Grant, Scope
from surveys.imports.load import load
from surveys.starting import service as starting
from tests.pulse.dashboards.told import PASSWORD
from tests.pulse.test_web import sign_in

ADMIN = "ada@example.org"
PEOPLE = Table(
    ("email", "team", "name", "language", "manager_of", "answers_by", "since", "left"),
    ("ana{}@example.org", "SALES", "Ana", "en", "", "ballot", "2025-01-01", ""),
)
INTERACTIONS = Table(
    ("interaction", "touchpoint", "happened_at", "customer", "email", "phone", "language", "name"),
    ("t{}", "DESK", "2026-11-20 10:00", "c{}", "ana@example.org", "", "en", "Ana"),
)
# What each HR file calls a person and their team, for whoever brings it as it is.
CALLED = {
    "hrdataset_v14.csv": ("EmpID", "Department"),
    "ibm_attrition.csv": ("EmployeeNumber", "Department"),
    "workload_person_week.csv": ("PersonId", "Organization"),
    "employee_comments_bom_semicolon.csv": ("commentID", "assessment"),
}
PROBLEMS = re.compile(r'<(section|div) class="problems".*?</\1>', re.DOTALL)
TAGS = re.compile(r"<[^>]*>|\s+")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
MOST_PASTED = 24 * 1024 * 1024  # bytes: more than the page takes as text
SAMPLE = ("teams.csv", "customer_answers.csv", "cells.csv")  # of the three kinds of readers


@dataclass(frozen=True)
class Answer:
    """What an import said: taken, or refused with these words; wrong -- what should not be, or nothing."""

    taken: bool
    words: str
    wrong: str = ""


@dataclass(frozen=True)
class Attempt:
    """Something to be brought in: what it is called, what makes it ready, and what brings it."""

    name: str
    ready: Callable[[], Path]
    bring: Callable[[Path], Answer]


def stage(app: Flask, folder: Path) -> None:
    """A company to bring things into, an administrator, and the first run begun."""
    now = datetime.now(UTC)
    with db.writing() as session:
        load(session, companies.company(folder / "sound", {}))
        person = service.add(session, ADMIN, language="en", password=PASSWORD)
        service.grant(session, person, Grant.ADMIN)
        starting.begin(session, now)


Way = Callable[[Flask, Path, float], Iterator[Attempt]]


def load_folders(app: Flask, folder: Path, share: float) -> Iterator[Attempt]:
    """`flask load`: each file under each name of a company folder, and whole folders of ill will."""
    bring = partial(_command, app, "load", "--dry-run")
    for name, table in TABLES.items():
        for file in given():
            yield Attempt(f"{_told(file)} as {name}", partial(_as, folder, name, file), bring)
        for bad in BAD if name in SAMPLE else ():
            yield Attempt(
                f"{bad.name} as {name}", partial(_with, folder, name, bad.write, table, share), bring
            )
    for one in FOLDERS:
        yield Attempt(one.name, partial(_whole, folder, one, share), bring)


def people_files(app: Flask, folder: Path, share: float) -> Iterator[Attempt]:
    """`flask people`: each file as it is, HR files by their own columns and with addresses, and tables."""
    bring = partial(_command, app, "people", "--dry-run")
    for file in given():
        yield Attempt(_told(file), partial(_itself, file), bring)
    for name, (person, team) in CALLED.items():
        path = SHARED / "hr" / name
        theirs = partial(bring, "--column", f"email={person}", "--column", f"team={team}")
        yield Attempt(f"{name} by its own columns", partial(_itself, path), theirs)
        yield Attempt(f"{name} with addresses", partial(_addressed, folder, path, person), bring)
    for bad in BAD:
        yield Attempt(bad.name, partial(_table, folder, bad.write, PEOPLE, share), bring)


def people_page(app: Flask, folder: Path, share: float) -> Iterator[Attempt]:
    """The page for the file of people: each file uploaded, and the smaller ones pasted."""
    client = _admin(app)
    for file in given():
        yield Attempt(_told(file), partial(_itself, file), partial(_uploaded, client))
        yield Attempt(f"{_told(file)}, pasted", partial(_itself, file), partial(_pasted, client))
    for name, (person, _team) in CALLED.items():
        ready = partial(_addressed, folder, SHARED / "hr" / name, person)
        yield Attempt(f"{name} with addresses", ready, partial(_uploaded, client))
    for bad in BAD:
        made = partial(_table, folder, bad.write, PEOPLE, share)
        yield Attempt(bad.name, made, partial(_uploaded, client))
        yield Attempt(f"{bad.name}, pasted", made, partial(_pasted, client))


def interaction_files(app: Flask, folder: Path, share: float) -> Iterator[Attempt]:
    """`flask interactions`: each file, and tables."""
    bring = partial(_command, app, "interactions")
    for file in given():
        yield Attempt(_told(file), partial(_itself, file), bring)
    for bad in BAD:
        yield Attempt(bad.name, partial(_table, folder, bad.write, INTERACTIONS, share), bring)


def first_run(app: Flask, folder: Path, share: float) -> Iterator[Attempt]:
    """The page of the first run: files as they are, under names of a company folder, and archives."""
    client = _admin(app)
    bring = partial(_brought, client)
    for file in given():
        yield Attempt(_told(file), partial(_itself, file), bring)
        for name in SAMPLE:
            yield Attempt(f"{_told(file)} as {name}", partial(_as, folder, name, file), bring)
    for name in SAMPLE:
        for bad in BAD:
            made = partial(_with, folder, name, bad.write, TABLES[name], share)
            yield Attempt(f"{bad.name} as {name}", made, bring)
    for one in FOLDERS:
        yield Attempt(one.name, partial(_whole, folder, one, share), bring)
    for what in companies.zips(0.001):
        yield Attempt(what, partial(_archive, folder, what, share), bring)


def api(app: Flask, folder: Path, share: float) -> Iterator[Attempt]:
    """The API: each file as a body, and bodies of ill will, to the addresses that take one."""
    with db.writing() as session:
        now = datetime.now(UTC)
        key = api_keys.make(session, "corpora", list(Scope), expires=None, secret_key=SECRET, now=now).text
    for address in ("/api/v1/interactions", "/api/v1/bounces"):
        bring = partial(_posted, app.test_client(), address, key)
        for file in given():
            yield Attempt(f"{_told(file)} to {address}", partial(_itself, file), bring)
        for what, body in bodies(share).items():
            ready = partial(written, folder / "body", iter([body]))
            yield Attempt(f"{what} to {address}", ready, bring)


WAYS: dict[str, Way] = {
    "flask load": load_folders,
    "flask people": people_files,
    "flask interactions": interaction_files,
    "page of people": people_page,
    "first run": first_run,
    "API": api,
}


def _told(file: Path) -> str:
    return str(file.relative_to(SHARED))


def _itself(file: Path) -> Path:
    return file


def _whole(folder: Path, one: Folder, share: float) -> Path:
    return companies.company(folder / "company", one.files(share))


def _archive(folder: Path, what: str, share: float) -> Path:
    return written(folder / "it.zip", iter([companies.zips(share)[what]]))


def _as(folder: Path, name: str, file: Path) -> Path:
    return companies.company(folder / "company", {name: iter([file.read_bytes()])})


def _with(
    folder: Path, name: str, write: Callable[[Table, float], Iterator[bytes]], table: Table, share: float
) -> Path:
    return companies.company(folder / "company", {name: write(table, share)})


def _table(
    folder: Path, write: Callable[[Table, float], Iterator[bytes]], table: Table, share: float
) -> Path:
    return written(folder / "table.csv", write(table, share))


def _addressed(folder: Path, file: Path, person: str) -> Path:
    """An HR file as whoever keeps it would send it: with an address and a team in each row."""
    with file.open(encoding="utf-8-sig", newline="") as read:
        rows = list(csv.DictReader(read, delimiter=";" if "semicolon" in file.name else ","))
    into = io.StringIO(newline="")
    writer = csv.writer(into)
    writer.writerow(["email", "team", *rows[0]])
    writer.writerows([f"p{row[person]}@example.org", "SALES", *row.values()] for row in rows)
    return written(folder / "addressed.csv", iter([into.getvalue().encode()]))


def _command(app: Flask, *arguments: str | Path) -> Answer:
    """What a command says; the path comes last."""
    done = app.test_cli_runner().invoke(args=[str(part) for part in arguments])
    wrong = []
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        wrong.append(f"{type(done.exception).__name__}: {done.exception}")
    if done.exit_code not in (0, 1) or "Traceback" in done.output:
        wrong.append(f"ends with {done.exit_code}")
    if done.exit_code and not done.stderr.strip():
        wrong.append("is refused without a word")
    if any(not line.isprintable() for line in done.stderr.splitlines()):
        wrong.append("prints what cannot be printed")
    return Answer(not done.exit_code, (done.stderr or done.stdout).strip(), "; ".join(wrong))


def _admin(app: Flask) -> FlaskClient:
    client = app.test_client()
    sign_in(client, ADMIN)
    return client


def _token(client: FlaskClient, path: str) -> str:
    found = TOKEN.search(client.get(path).text)
    assert found is not None, f"{path} has no form"
    return found[1]


def _uploaded(client: FlaskClient, path: Path) -> Answer:
    with path.open("rb") as file:
        return _people(client, file=(file, path.name))


def _pasted(client: FlaskClient, path: Path) -> Answer:
    with path.open("rb") as file:  # its beginning: of more, the client alone would take all memory
        return _people(client, text=file.read(MOST_PASTED).decode("utf-8", "replace"))


def _people(client: FlaskClient, **sent: object) -> Answer:
    where = "/people/file"
    form = {"starts": "2026-11-22", "csrf_token": _token(client, where), **sent}
    return _looked_at(client, _sent(client, where, form))


def _sent(client: FlaskClient, where: str, form: Mapping[str, object]) -> "Answer | str":
    """What a page says to a form with files, or where it leads."""
    reply = client.post(where, data=form, content_type="multipart/form-data")
    try:
        return _page(reply)
    finally:
        reply.request.environ["wsgi.input"].close()  # a temporary file where the form is large


def _brought(client: FlaskClient, path: Path) -> Answer:
    where = "/start/folder"
    token = _token(client, where)
    files = [(one.open("rb"), one.name) for one in (sorted(path.iterdir()) if path.is_dir() else [path])]
    try:
        form = {"csrf_token": token, "files": files}
        answer = _sent(client, where, form)
    finally:
        for file, _name in files:
            file.close()
    return _looked_at(client, answer)


def _looked_at(client: FlaskClient, answer: "Answer | str") -> Answer:
    """What the page says of what waits, which is then put aside."""
    if isinstance(answer, Answer):
        return answer
    shown = client.get(answer)
    token = TOKEN.search(shown.text)
    found = _page(shown)
    if token is not None:
        client.post(answer, data={"csrf_token": token[1], "aside": "1"})
    return found if isinstance(found, Answer) else Answer(False, "", f"leads on to {found}")


def _page(response: TestResponse) -> "Answer | str":
    """What a page says, or where it leads."""
    if response.status_code == 303:
        return str(response.headers["Location"])
    if response.status_code >= 500:
        return Answer(False, "", f"answers {response.status_code}")
    problems = PROBLEMS.search(response.text)
    words = TAGS.sub(" ", html.unescape(problems[0])).strip() if problems else ""
    if response.status_code >= 400 and not words:
        words = TAGS.sub(" ", response.text.partition("<main")[2]).strip()
    wrong = "is refused without a word" if response.status_code >= 400 and not words else ""
    return Answer(response.status_code < 400 and not problems, words, wrong)


def _posted(client: FlaskClient, address: str, key: str, path: Path) -> Answer:
    with path.open("rb") as file:
        response = client.post(
            address,
            input_stream=file,
            content_type="application/json",
            content_length=path.stat().st_size,
            headers={"Authorization": f"Bearer {key}"},
        )
    if response.status_code >= 500:
        return Answer(False, "", f"answers {response.status_code}")
    words = response.text.strip()
    wrong = "is refused without a word" if response.json is None else ""
    return Answer(response.status_code < 300, words, wrong)
