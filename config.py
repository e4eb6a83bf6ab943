"""Every setting of Pulse: its name, default and meaning. Read once, from PULSE_* environment variables."""

import json
import os
import re
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent
INSTANCE = ROOT / "instance"
PREFIX = "PULSE_"
OWN_MACHINE = {"localhost", "127.0.0.1", "::1"}
HEADER = re.compile(r"[A-Za-z0-9-]+:[ \t]*[\x21-\x7e][\x20-\x7e]*\Z")
ADDRESS = re.compile(r"[^\s@,]+@[^\s@,]+\Z")
# What people type where something random is asked for.
WORDS = (
    "change",
    "secret",
    "passw",
    "default",
    "example",
    "pulse",
    "for test",
    "1234567",
    "abcdefg",
    "qwerty",
)
FEWEST_SIGNS = 8  # different ones in a random key: 32 hexadecimal digits have fewer once in two million times
GRANTS = ("manager", "owner", "analyst", "council", "admin")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class WrongSettings(Exception):
    """A PULSE_* variable is unknown or holds a value that cannot be; says which and what would be right."""


class Settings(BaseSettings):
    """The settings of one running Pulse; every field is the environment variable PULSE_<NAME>."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    database_url: str = Field(
        f"sqlite:///{INSTANCE / 'pulse.sqlite'}", description="main database (SQLite or PostgreSQL)"
    )
    night_url: str | None = Field(None, description="main database under the night's role; default: the same")
    urn_url: str = Field(
        f"sqlite:///{INSTANCE / 'urn.sqlite'}", description="the urn's database under the casting role"
    )
    urn_tally_url: str | None = Field(
        None, description="the urn's database under the tally's role; default: the same"
    )
    connections: int = Field(
        10,
        ge=2,
        le=200,
        description="how many connections a process has open to a PostgreSQL database at once, for each of"
        " its roles; flask serve sets two more than it has threads",
    )
    page_seconds: int | None = Field(
        None,
        ge=1,
        le=3600,
        description="how long a statement may take on PostgreSQL, and five times that a page; a sixth of it"
        " is waited for a lock. flask serve sets 60; default: as long as it takes",
    )
    ballot_url: str = Field(
        "http://localhost:8000", description="address of the ballot host: another host name than the site's"
    )
    site_url: str = Field("http://127.0.0.1:8000", description="address of the site, written into mails")
    secret_key: SecretStr | None = Field(None, description="signs sessions and links; at least 32 characters")
    smtp_url: str | None = Field(
        None,
        description="smtp://user:password@host:port or smtps://...; without it mails are written to the log",
    )
    mail_from: str = Field("Pulse <pulse@localhost>", description="sender of mails")
    messages_per_minute: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="how many messages may leave within any minute, all senders together; default: no limit",
    )
    sms_url: str | None = Field(
        None,
        description="https address of an SMS gateway; without it text messages are written to the log",
    )
    sms_method: Literal["POST", "PUT"] = Field("POST", description="how the gateway is asked")
    sms_header: SecretStr | None = Field(
        None, description="what the gateway knows us by, such as Authorization: Bearer ..."
    )
    sms_body: str = Field(
        '{"to": "{to}", "text": "{text}", "id": "{id}"}',
        description="JSON sent to the gateway: {to} becomes the number, {text} the message, {id} its name",
    )
    sms_form: bool = Field(False, description="send the fields of that JSON as a form, as some gateways want")
    proxies: int = Field(
        0,
        ge=0,
        le=10,
        description="how many proxies of yours stand in front of the web server: so many names at the end of"
        " X-Forwarded-For are believed; 0 = none are",
    )
    timezone: str = Field(
        "Europe/Paris", description="the organisation's time zone: months begin and end in it"
    )
    languages: Annotated[tuple[str, ...], NoDecode] = Field(
        ("fr", "en"), description="languages offered, first one is the default"
    )
    organisation: str = Field(
        "",
        description="name customers know you by, for their mails; default: the name of the sender of mails",
    )
    sending_hours: Annotated[tuple[int, int], NoDecode] = Field(
        (9, 20), description="between which hours messages may reach customers, such as 9-20"
    )
    sending_days: Annotated[tuple[int, ...], NoDecode] = Field(
        (0, 1, 2, 3, 4, 5), description="on which days they may, such as mon,tue,wed,thu,fri,sat"
    )
    rest_days: int = Field(
        90, ge=1, le=3650, description="for how many days nobody is asked again, whatever the channel"
    )
    calling_code: str = Field(
        "33",
        pattern=r"^[1-9][0-9]{0,2}$",
        description="country code of telephone numbers written without one",
    )
    breached_passwords: Path | None = Field(
        None,
        description="a file of passwords stolen elsewhere (Have I Been Pwned, SHA-1, ordered by hash), of"
        " which none may be chosen; default: only those easily guessed are refused",
    )
    alerts_to: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="addresses that are warned when something is wrong, separated by commas; default: all"
        " administrators",
    )
    metrics_token: SecretStr | None = Field(
        None, description="what /metrics asks for as a bearer token; at least 24 random characters"
    )
    webhook_inwards: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="addresses inside your own network that webhooks may go to, separated by commas, such as"
        " https://chat.intern.example:8443; http:// for this machine only, for trying out; default: none",
    )
    logs: Literal["json", "lines"] | None = Field(
        None, description="how logs are written; default: lines on one's own machine, else json"
    )
    min_respondents: int = Field(5, ge=5, description="k: smallest group whose scores are shown; only raised")
    burden_budget: float = Field(
        2.0,
        gt=0,
        le=100,
        description="how many points of burden fixes may put on a team within twelve months before the burden"
        " ledger warns",
    )

    second_factor: Literal["required", "offered"] | None = Field(
        None,
        description="whether who reads everybody's figures shows a second factor beside a password or link;"
        " default: required where the site's address is https, offered where it is not",
    )
    visit_idle_minutes: int = Field(
        120, ge=5, le=1440, description="after how many minutes without a page somebody is signed out"
    )
    visit_hours: int = Field(
        12, ge=1, le=168, description="after how many hours somebody has to sign in again, whatever they did"
    )
    oidc_client: str = Field("", description="what the sign-in service (OpenID Connect) calls this Pulse")
    oidc_secret: SecretStr | None = Field(
        None, description="the secret it gave this Pulse; default: none, PKCE alone"
    )
    oidc_issuer: str | None = Field(
        None, description="https address of the sign-in service; default: there is none, only own accounts"
    )
    oidc_name: str = Field(
        "", max_length=40, description="what people call it, on the button that leads there"
    )
    oidc_alone: bool = Field(
        False, description="sign in by that service alone: neither passwords nor mailed links work"
    )
    oidc_scopes: str = Field(
        "openid email profile", description="what it is asked for, such as openid email profile groups"
    )
    oidc_trust_email: bool = Field(
        False,
        description="take e-mail addresses it says nothing about as verified: only for a service that lets"
        " nobody choose their own",
    )
    oidc_team_claim: str = Field(
        "", description="claim that holds the code of a person's team; default: the file of people says it"
    )
    oidc_grants_claim: str = Field("groups", description="claim that holds the groups or roles of a person")
    oidc_grants: Annotated[dict[str, str], NoDecode] = Field(
        {},
        description="JSON: which of these groups gives which grant; those named here are the service's to"
        " give and to take, at each sign-in. Default: none is",
    )

    @field_validator("languages", mode="before")
    @classmethod
    def _languages(cls, value: object) -> object:
        codes = (
            tuple(code.strip() for code in value.split(",") if code.strip())
            if isinstance(value, str)
            else value
        )
        if not isinstance(codes, tuple) or not codes or set(codes) - {"fr", "en"}:
            raise ValueError("give a comma-separated list of languages out of fr, en")
        return codes

    @field_validator("sending_hours", mode="before")
    @classmethod
    def _hours(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        first, _, last = (part.strip() for part in value.partition("-"))
        whole = all(part.isascii() and part.isdecimal() for part in (first, last))
        if not whole or not 0 <= int(first) < int(last) <= 24:
            raise ValueError("give two full hours from 0 to 24, such as 9-20")
        return int(first), int(last)

    @field_validator("sending_days", mode="before")
    @classmethod
    def _days(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        named = [day.strip().casefold() for day in value.split(",") if day.strip()]
        if not named or set(named) - set(DAYS):
            raise ValueError(f"give a comma-separated list of days out of {', '.join(DAYS)}")
        return tuple(sorted({DAYS.index(day) for day in named}))

    @field_validator("alerts_to", mode="before")
    @classmethod
    def _addresses(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found = tuple(part.strip() for part in value.split(",") if part.strip())
        if not all(ADDRESS.match(address) for address in found):
            raise ValueError("give e-mail addresses separated by commas, such as it@example.org")
        return found

    @field_validator("webhook_inwards", mode="before")
    @classmethod
    def _of_origins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        found = tuple(part.strip().rstrip("/").lower() for part in value.split(",") if part.strip())
        for origin in found:
            if not _is_address(origin, "http", "https") or origin.count("/") != 2 or "@" in origin:
                raise ValueError("give addresses without a path, such as https://chat.intern.example:8443")
            if origin.startswith("http:") and urlsplit(origin).hostname not in OWN_MACHINE:
                raise ValueError("give https://... (http:// only for this machine)")
        return found

    @field_validator("metrics_token")
    @classmethod
    def _of_metrics(cls, value: SecretStr | None) -> SecretStr | None:
        token = None if value is None else value.get_secret_value()
        if token is not None and (len(token) < 24 or not (token.isascii() and token.isprintable())):
            raise ValueError("give at least 24 random letters and digits")
        return value

    @field_validator("database_url", "night_url", "urn_url", "urn_tally_url")
    @classmethod
    def _of_a_database(cls, value: str | None) -> str | None:
        try:
            driver = None if value is None else make_url(value).drivername
        except (ArgumentError, ValueError):
            driver = ""
        if driver not in (None, "sqlite", "postgresql", "postgresql+psycopg"):
            raise ValueError("give sqlite:///FILE or postgresql://user:password@host/name")
        return value

    @field_validator("breached_passwords")
    @classmethod
    def _of_a_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("there is no such file")
        return value

    @field_validator("ballot_url", "site_url")
    @classmethod
    def _of_a_site(cls, value: str) -> str:
        if not _is_address(value, "http", "https"):
            raise ValueError("give an address such as https://pulse.example.org")
        return value.rstrip("/")

    @field_validator("oidc_issuer")
    @classmethod
    def _of_a_sign_in_service(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is None:
            return None
        own = urlsplit(value).hostname in OWN_MACHINE if _is_address(value, "http") else False
        if not _is_address(value, "https") and not own:
            raise ValueError("give https://... (http:// only for this machine): who is signed in hangs on it")
        if not others.data.get("oidc_client"):
            raise ValueError("give PULSE_OIDC_CLIENT as well: what the service calls this Pulse")
        return value

    @field_validator("oidc_alone")
    @classmethod
    def _with_a_sign_in_service(cls, value: bool, others: ValidationInfo) -> bool:
        if value and not others.data.get("oidc_issuer"):
            raise ValueError("give PULSE_OIDC_ISSUER as well: nobody could sign in")
        return value

    @field_validator("oidc_scopes")
    @classmethod
    def _scopes(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError("give openid and further scopes with a space between them")
        return " ".join(value.split())

    @field_validator("oidc_grants", mode="before")
    @classmethod
    def _grants_of_groups(cls, value: object, others: ValidationInfo) -> object:
        try:
            groups = json.loads(value) if isinstance(value, str) else value
        except ValueError as error:
            raise ValueError(f"this is no JSON: {error}") from error
        if not isinstance(groups, dict) or not all(grant in GRANTS for grant in groups.values()):
            raise ValueError(f'give {{"group": "grant", ...}} with grants out of {", ".join(GRANTS)}')
        if "manager" in groups.values() and not others.data.get("oidc_team_claim"):
            raise ValueError("give PULSE_OIDC_TEAM_CLAIM as well: a manager heads a team")
        return groups

    @field_validator("smtp_url")
    @classmethod
    def _of_a_mail_server(cls, value: str | None) -> str | None:
        if value is not None and not _is_address(value, "smtp", "smtps"):
            raise ValueError("give smtp://user:password@host:port or smtps://...")
        return value

    @field_validator("sms_url")
    @classmethod
    def _of_a_gateway(cls, value: str | None) -> str | None:
        if value is None or _is_address(value, "https"):
            return value
        if not _is_address(value, "http") or urlsplit(value).hostname not in OWN_MACHINE:
            raise ValueError("give https://... (http:// only for this machine): it is told who is written to")
        return value

    @field_validator("sms_header")
    @classmethod
    def _of_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not HEADER.match(value.get_secret_value()):
            raise ValueError("give a name, a colon and a value, such as Authorization: Bearer abc")
        return value

    @field_validator("sms_body")
    @classmethod
    def _of_a_body(cls, value: str) -> str:
        try:
            body = json.loads(value)
        except ValueError as error:
            raise ValueError(f"this is no JSON: {error}") from error
        if not isinstance(body, dict) or not all(part in value for part in ("{to}", "{text}")):
            raise ValueError("give a JSON object with {to} and {text} in it")
        return value

    @field_validator("sms_form")
    @classmethod
    def _of_a_flat_body(cls, value: bool, others: ValidationInfo) -> bool:
        fields = json.loads(others.data.get("sms_body", "{}")).items()
        nested = [name for name, field in fields if isinstance(field, dict | list)]
        if value and nested:
            raise ValueError(
                f"give a PULSE_SMS_BODY without lists and objects in it: a form has no {nested[0]}"
            )
        return value

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("give a time zone of the IANA list, such as Europe/Paris") from error
        return value

    @field_validator("secret_key")
    @classmethod
    def _secret_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 32:
            raise ValueError("give at least 32 random characters")
        return value

    @property
    def asker(self) -> str:
        """Who asks customers, in their mails."""
        return " ".join((self.organisation or parseaddr(self.mail_from)[0] or "Pulse").split())

    @property
    def second_factor_required(self) -> bool:
        """Whether who reads everybody's figures needs a second factor beside a password or a mailed link."""
        if self.second_factor is None:
            return self.site_url.startswith("https:")
        return self.second_factor == "required"

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's time zone."""
        return ZoneInfo(self.timezone)


def is_guessable(key: str) -> bool:
    """Whether a secret key looks made up by a person or copied from somewhere rather than drawn at random."""
    plain = key.casefold()
    repeats = key in (key + key)[1:-1]
    return repeats or len(set(plain)) < FEWEST_SIGNS or any(word in plain for word in WORDS)


def _is_address(text: str, *schemes: str) -> bool:
    """Whether this is an address of one of these schemes, with a host and a port that can be."""
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


@cache
def settings() -> Settings:
    """The settings of this process; raises WrongSettings in words an operator can act on."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise WrongSettings(f"unknown setting {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    try:
        return Settings()
    except ValidationError as error:
        wrong = (
            f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        )
        raise WrongSettings("; ".join(wrong)) from error
