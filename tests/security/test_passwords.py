"""What may be chosen as a password: anything long, neither tried first, nor stolen, nor about oneself."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config import Settings, settings
from pulse import db
from pulse.people import breaches, passwords, service
from pulse.people.forms import PasswordForm
from tests.conftest import AS_IT_RUNS
from tests.pulse.test_web import sign_in
from tests.security.conftest import House, token

PASSWORD = "correct horse battery staple"


@pytest.mark.parametrize(
    "password",
    [
        *("password1234", "123456789012", "qwertyuiop12", "aaaaaaaaaaaa", "motdepasse12", "azertyuiop12"),
        *(
            "iloveyouforever",
            "bonjourbonjour",
            "1qaz2wsx3edc",
            "password" * 20,
            "P@ssw0rd12345",
            "sonyericsson",
        ),
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert passwords.easily_guessed(password)


@pytest.mark.parametrize(
    "password", ["pulse-pulse-pulse", "PulseAdmin2026", "bobdylan1999", "GrandRailway22"]
)
def test_words_about_the_person_the_place_and_the_program_are_guessed_first(password: str) -> None:
    about = ("bob.dylan@example.org", "Bob Dylan", "Grand Railway")
    assert passwords.easily_guessed(password, about)


@hypothesis_settings(max_examples=15)
@given(st.text(st.characters(codec="utf-8"), min_size=40, max_size=80))
def test_no_letters_are_asked_for_and_none_forbidden(password: str) -> None:
    """A long text is refused for being guessable alone; whatever letters it is made of."""
    if len(set(password)) > 20:
        assert not passwords.easily_guessed(password)


@pytest.mark.parametrize(
    "password", [PASSWORD, "deux chats gris sur le toit", "2sbbr-cxfv9-ekpxv-qbzgd", "ΩΩ≈ç√∫˜µ≤≥÷æ…"]
)
def test_what_nobody_guesses_is_taken_and_known_again_as_it_was_typed(password: str) -> None:
    assert not passwords.easily_guessed(password)
    stored = passwords.hashed(password)
    assert passwords.matches(password, stored)
    for other in (password.upper(), password + " ", password[:-1], password[:64] + "x"):
        assert not passwords.matches(other, stored)


def test_a_password_may_be_as_long_as_anybody_writes_one() -> None:
    long = "a sentence that goes on and on, " * 8
    stored = passwords.hashed(long)
    assert passwords.matches(long, stored)
    assert not passwords.matches(long[:-1], stored)  # nothing is cut off


def test_passwords_made_up_are_random_long_and_not_guessed() -> None:
    made = {passwords.made_up() for _ in range(50)}
    assert len(made) == 50
    assert all(len(one) >= passwords.SHORTEST and not passwords.easily_guessed(one) for one in made)


def test_hashing_as_it_runs_follows_todays_recommendation() -> None:
    """OWASP's: argon2id with 19 MiB and 2 passes or more."""
    assert AS_IT_RUNS.type.name == "ID"
    assert AS_IT_RUNS.memory_cost >= 19 * 1024
    assert AS_IT_RUNS.time_cost >= 2
    assert AS_IT_RUNS.hash_len >= 16
    assert AS_IT_RUNS.salt_len >= 16


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@pytest.fixture
def stolen(tmp_path: Path) -> Path:
    """A file as Have I Been Pwned gives it: lines of various lengths, in order."""
    lines = sorted(f"{digest(f'stolen {number}')}:{7 ** (number % 9)}" for number in range(500))
    path = tmp_path / "pwned.txt"
    path.write_bytes("\r\n".join(lines).encode() + b"\r\n")
    return path


def test_every_stolen_password_is_found_and_no_other(stolen: Path) -> None:
    assert all(breaches.holds(stolen, f"stolen {number}") for number in range(500))
    assert not any(breaches.holds(stolen, f"mine alone {number}") for number in range(200))


@given(st.sets(st.text(max_size=5), max_size=9), st.text(max_size=5))
def test_a_file_of_any_length_tells_what_it_holds(held: set[str], asked: str) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile("wb") as file:
        file.write("".join(sorted(f"{digest(one)}:1\n" for one in held)).encode())
        file.flush()
        assert breaches.holds(Path(file.name), asked) == (asked in held)


def test_a_stolen_password_is_refused_where_the_operator_has_the_file(
    stolen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = "stolen 77"
    monkeypatch.setenv("PULSE_BREACHED_PASSWORDS", str(stolen))
    settings.cache_clear()
    try:
        assert passwords.easily_guessed(chosen)
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    with pytest.raises(ValueError, match="there is no such file"):
        Settings(breached_passwords="/nowhere")


def test_a_weak_password_is_refused_beside_its_field_and_the_old_one_stays(house: House) -> None:
    person = "eva.lovelace@example.org"
    with db.writing() as session:
        service.add(session, person, name="Eva Lovelace", language="en", password=PASSWORD)
    client = house.stranger()
    sign_in(client, person)
    for weak in ("short", "password1234", "evalovelace99"):
        sent = {"current": PASSWORD, "new": weak, "again": weak, "csrf_token": token(client.get("/me").text)}
        refused = client.post("/me/password", data=sent)
        assert refused.status_code == 422
        assert 'aria-invalid="true"' in refused.text
    sent |= {"new": "deux chats gris sur le toit", "again": "deux chats gris sur le toit", "current": "wrong"}
    assert client.post("/me/password", data=sent).status_code == 422  # the old one is asked for
    with db.reading() as session:
        found = service.person(session, person)
        assert found is not None
        assert passwords.matches(PASSWORD, found.password_hash)
    assert client.post("/me/password", data=sent | {"current": PASSWORD}).status_code == 303


def test_a_password_is_typed_unseen_and_password_managers_may_help(house: House) -> None:
    for page in (house.stranger().get("/sign-in").text, house.client.get("/me").text):
        fields = [
            part.partition(">")[0]
            for part in page.split("<input")[1:]
            if "password" in part.partition(">")[0]
        ]
        assert fields
        assert all('type="password"' in field for field in fields if 'name="csrf' not in field)
        assert not any('autocomplete="off"' in field or "onpaste" in field for field in fields)


def test_no_composition_and_no_age_is_asked_of_a_password(house: House) -> None:
    from pulse.people.models import Person

    with house.app.test_request_context():
        form = PasswordForm(
            data={"new": "deux chats gris sur le toit", "again": "deux chats gris sur le toit"}
        )
        assert {type(rule).__name__ for rule in form.new.validators} == {"DataRequired", "Length"}
    assert not [column.name for column in Person.__table__.columns if "changed" in column.name]


def test_nobody_is_there_before_somebody_is_added(sqlite_templates: Path, tmp_path: Path) -> None:
    """No account and no password comes with the program."""
    import sqlite3

    with sqlite3.connect(sqlite_templates / "main.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM api_key").fetchone() == (0,)
    connection.close()
