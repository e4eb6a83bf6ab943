"""A made-up railway loaded, replayed and opened for trying out, with an account of each kind."""

import base64
import hashlib
import hmac
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import click
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

import demo
from config import Settings, settings
from demo.railway import MAIL_DOMAIN
from pulse.db import main, night
from pulse.months import last_day, month_of, shifted
from pulse.organisation.models import Serving, Team, Touchpoint
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.verdicts import nightly
from surveys import telling
from surveys.ballots import keys
from surveys.imports.load import load
from surveys.invitations import service as invitations
from surveys.waves import service as waves
from surveys.waves.calendar import closing, ending
from surveys.waves.models import Wave, WaveState

KEY_WANTED = "set PULSE_SECRET_KEY first: the passwords of the made-up accounts are worked out from it"
NOT_EMPTY = (
    "there is an organisation in the database already; --out FOLDER writes the made-up one without loading it"
)
COLLEAGUES = 30  # people who belong to the employee's team, so that a wave has somebody to ask


@dataclass(frozen=True)
class Account:
    """One of the accounts to try Pulse with."""

    kind: str
    email: str
    name: str
    language: str
    grant: Grant | None = None


ACCOUNTS = (
    Account("employee", f"lea.fontaine@{MAIL_DOMAIN}", "Léa Fontaine", "fr"),
    Account("manager", f"marc.olivier@{MAIL_DOMAIN}", "Marc Olivier", "fr", Grant.MANAGER),
    Account("analyst", f"ines.carrel@{MAIL_DOMAIN}", "Inès Carrel", "fr", Grant.ANALYST),
    Account("analyst", f"helen.ward@{MAIL_DOMAIN}", "Helen Ward", "en", Grant.ANALYST),
    Account("admin", f"admin@{MAIL_DOMAIN}", "Paul Reynaud", "fr", Grant.ADMIN),
)


def show(size: int, months: int, seed: int, *, out: Path | None, if_empty: bool) -> None:
    """Make the company up; write it to a folder, or load it, replay it and print the accounts."""
    known = settings()
    today = datetime.now(known.zone).date()
    if out is not None:
        demo.write(_made_up(size, months, seed, today), out, progress=click.echo)
        click.echo(f"Written to {out}: load it with `flask load {out}`; truth.csv says what was planted.")
        return
    if known.secret_key is None:
        raise click.ClickException(KEY_WANTED)
    with main.reading() as session:
        filled, ours = _standing(session)
    if filled and not ours:
        if if_empty:
            return
        raise click.ClickException(NOT_EMPTY)
    if not filled:
        _set_up(_made_up(size, months, seed, today), today, known)
    _print_accounts(known)


def _made_up(size: int, months: int, seed: int, today: date) -> demo.Company:
    try:
        return demo.company(people=size, months=months, seed=seed, last_month=shifted(month_of(today), -1))
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _standing(session: Session) -> tuple[bool, bool]:
    """Whether there is an organisation, and whether it is the made-up one."""
    filled = bool(session.scalar(select(exists().where(Team.id > 0))))
    return filled, people.person(session, ACCOUNTS[0].email) is not None


def _set_up(company: demo.Company, today: date, known: Settings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        click.echo("Made-up company: answers of its people and customers")
        demo.write(company, Path(folder))
        with main.writing() as session:
            click.echo("Made-up company: loading")
            load(session, Path(folder))
            _people(session, today, known)
            _open_wave(session, today, known)
    with click.progressbar(length=company.months, label="Made-up company: replaying the months") as bar:
        nightly.correlate(night, replay=True, progress=lambda _: bar.update(1))
    with main.writing() as session:
        writer = people.person(session, next(one.email for one in ACCOUNTS if one.grant is Grant.ADMIN))
        assert writer is not None  # all accounts were made above
        telling.tell(session, now=datetime.now(UTC), by=writer.id)


def _people(session: Session, today: date, known: Settings) -> None:
    """The accounts, and colleagues for the employee, in a team that serves customers."""
    team = session.scalars(
        select(Team)
        .join(Serving, Serving.team_id == Team.id)
        .order_by(Team.headcount.desc(), Team.code)
        .limit(1)
    ).one()
    head = session.get(Team, team.parent_id) if team.parent_id else None
    for account in ACCOUNTS:
        found = people.add(
            session,
            account.email,
            name=account.name,
            language=account.language,
            password=password(known, account.email),
        )
        people.join(session, found, team, since=today.replace(day=1))
        if account.grant is not None:
            managed = (head or team) if account.grant is Grant.MANAGER else None
            people.grant(session, found, account.grant, team=managed)
    for number in range(1, COLLEAGUES + 1):
        colleague = people.add(session, f"collegue{number}@{MAIL_DOMAIN}", name=f"Collègue {number}")
        people.join(session, colleague, team, since=today.replace(day=1))


def _open_wave(session: Session, today: date, known: Settings) -> None:
    """Waves without a gap, so that there is a pulse to answer on any day: this month's is opened at once.

    The next one is due as soon as this one is over: a demonstration begun on the last evening of a month
    still has something to answer on the next morning.
    """
    this = month_of(today)
    for month in (this, shifted(this, 1)):
        session.add(
            Wave(
                month=month,
                opens_at=ending(last_day(shifted(month, -1)), known.zone),
                closes_at=closing(month, known.zone),
                state=WaveState.PLANNED,
                threshold=known.min_respondents,
            )
        )
    session.flush()
    now = datetime.now(known.zone)
    wave = waves.open_due(session, now, zone=known.zone, k=known.min_respondents)
    if wave is not None:  # it may be midnight of the month's end in between
        keys.assign(session, wave)


def password(known: Settings, email: str) -> str:
    """The password of a made-up account: worked out from the secret key, so it need not be kept anywhere."""
    key = known.secret_key.get_secret_value() if known.secret_key else ""
    mixed = hmac.new(key.encode(), b"made-up account " + email.encode(), hashlib.sha256).digest()
    text = base64.b32encode(mixed).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 12, 4))


def _print_accounts(known: Settings) -> None:
    width = max(len(account.email) for account in ACCOUNTS)
    click.echo("Accounts to sign in with:")
    for account in ACCOUNTS:
        language = "French" if account.language == "fr" else "English"
        click.echo(
            f"  {account.kind:9} {account.email:{width}}  {password(known, account.email)}  ({language})"
        )
    click.echo(f"A customer's survey, for one answer: {_customer_link(known)}")


def _customer_link(known: Settings) -> str:
    now = datetime.now(UTC)
    with main.writing() as session:
        touchpoint = session.scalars(select(Touchpoint.code).order_by(Touchpoint.code).limit(1)).one()
        today = now.astimezone(known.zone).date()
        token = invitations.invite(session, touchpoint, happened_on=today, now=now)
    return f"{known.site_url}/r/{token}"
