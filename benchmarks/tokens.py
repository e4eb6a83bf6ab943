"""Links that are none: altered, used, expired, signed by others, or made for another purpose.

    python -m benchmarks.tokens [--tokens 5000] [--looks 1500]
    scripts/bench tokens                          with a PostgreSQL of its own as well

Every token is tried by GET and by POST on every kind of link that customers and employees get: to answer, to
answer by an open link, to erase an answer, to stop being asked, to refuse reminders, to sign in. None may be
taken, and all refusals of one kind of link have to be alike to the byte. Then unknown, used and expired links
are looked at in turn, and the medians of the time taken compared. Ends with 1 where a token is taken, two
refusals differ, or two medians do by more than a millisecond.
"""

import argparse
import base64
import random
import re
import string
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from urllib.parse import quote

from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.serving import SECRET, application, databases, engines
from config import settings
from pulse import db
from pulse.organisation.models import Touchpoint
from pulse.outbox.models import Message
from pulse.outbox.secrets import MARK, secret
from pulse.people import api_keys, links
from pulse.people.models import Person, Scope
from surveys.invitations import contacts, open_links, service, signed
from surveys.invitations.models import Contact
from surveys.responses import erasure, page
from surveys.responses.models import Response
from surveys.waves import reminders
from surveys.waves.models import NoReminder
from tests.surveys.conftest import built

DOORS = {
    "answer": "/r/{}",
    "answer openly": "/o/{}",
    "erase": "/erase/{}",
    "stop": "/stop/{}",
    "reminders": "/reminders/{}",
    "sign in": "/sign-in/{}",
}
LETTERS = string.ascii_letters + string.digits + "-_"
MOST_APART = 0.001  # seconds between two medians
SEED = 7
OF_THE_FORM = re.compile(r'name="csrf_token"[^>]*>')


@dataclass
class Report:
    """What became of the tokens.

    tried -- kind of token to how many were tried; taken -- those a door let in, in words
    replies -- door to the different refusals it gave, each with one token that got it
    medians -- kind of dead link to the median time of a look, in seconds
    """

    tried: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    taken: list[str] = field(default_factory=list)
    replies: dict[str, dict[tuple[int, str], str]] = field(default_factory=lambda: defaultdict(dict))
    medians: dict[str, float] = field(default_factory=dict)

    @property
    def apart(self) -> float:
        """How far the slowest dead link is from the fastest of its form, in seconds.

        Drawn and signed links are told apart by the dots in them, so their times may differ.
        """
        forms = [
            [took for kind, took in self.medians.items() if kind.startswith("signed") is signed]
            for signed in (False, True)
        ]
        return max((max(times) - min(times) for times in forms if times), default=0.0)

    @property
    def differing(self) -> list[str]:
        """Doors whose refusals are not all alike."""
        return sorted(door for door, replies in self.replies.items() if len(replies) > 1)


@dataclass(frozen=True)
class Street:
    """Doors with genuine tokens, one list a purpose; and dead ones: used, expired, revoked."""

    genuine: Mapping[str, Sequence[str]]
    dead: Mapping[str, Sequence[str]]


def street(now: datetime, each: int = 40) -> Street:
    """So many genuine and dead tokens of each kind."""
    long_ago, soon = now - timedelta(days=31), now + timedelta(days=1)
    with db.writing() as session:
        railway = built(session)
        people = list(session.scalars(select(Person.id).order_by(Person.id)))
        station = session.scalars(select(Touchpoint).where(Touchpoint.code == "station")).one()
        invited, used, expired = (
            [_invited(session, f"{kind}{number}", when) for number in range(each)]
            for kind, when in (("i", now), ("u", now), ("e", long_ago))
        )
        for token in used:
            service.spend(session, token, now)
        till, stolen = (_key(session, name, now) for name in ("till", "stolen"))
        api_keys.revoke(session, stolen.public, now)
        opened = open_links.make(session, station, key=SECRET)
        for number in range(each):
            links.ask(
                session, railway.people[number % len(railway.people)].email, "", now, key=SECRET, site_url=""
            )
        mailed = [MARK.search(text) for text in session.scalars(select(Message.text))]
        spent = [_signed(till, f"spent-{number}", soon) for number in range(each)]
        for token in spent:
            signed.spend(session, token, now, secret_key=SECRET, zone=settings().zone)
    by_hand = [_signed(till, f"till-{number}", soon) for number in range(each)]
    return Street(
        {
            "answer": [*invited, *by_hand],
            "answer openly": [opened],
            "erase": [erasure.token(SECRET, f"answer {number}") for number in range(each)],
            "stop": [contacts.stop_token(SECRET, [f"key {number}"]) for number in range(each)],
            "reminders": [reminders.token(SECRET, person) for person in people],
            "sign in": [secret(SECRET, found[1]) for found in mailed if found],
            "nothing of these": [
                *(till.text, till.link_secret or "", stolen.text),
                *(page.written(page.fresh(now), opened, key=SECRET) for _ in range(each)),
            ],
        },
        {
            "used": used,
            "expired": expired,
            "signed, expired": [_signed(till, f"old-{number}", now) for number in range(each)],
            "signed by a revoked key": [_signed(stolen, f"s-{number}", soon) for number in range(each)],
            "signed, used": spent,
            "signed, altered": [_signed(till, f"a-{number}", soon)[:-1] + "." for number in range(each)],
            "signed for no touchpoint": [
                _signed(till, f"n-{number}", soon, "nowhere") for number in range(each)
            ],
        },
    )


def _invited(session: Session, interaction: str, when: datetime) -> str:
    return service.invite(session, "station", interaction=interaction, happened_on=when.date(), now=when)


def _key(session: Session, name: str, now: datetime) -> api_keys.Made:
    return api_keys.make(session, name, [Scope.LINKS], expires=None, secret_key=SECRET, now=now)


def _signed(key: api_keys.Made, interaction: str, expires: datetime, where: str = "station") -> str:
    assert key.link_secret is not None
    return signed.token(key.public, key.link_secret, where, interaction, expires)


def altered(token: str, chance: random.Random) -> str:
    """A token that is not quite the one given."""
    while True:
        at, letter = chance.randrange(len(token) + 1), chance.choice(LETTERS)
        found = chance.choice(
            (
                token[:at] + letter + token[at + 1 :],
                token[:at] + token[at + 1 :],
                token[:at] + letter + token[at:],
                token[:at],
                token.swapcase(),
                token[::-1],
                token + chance.choice(("=", "==", ".", "%", "\0", "\n", " ", "\u00e9", "\u202e", "'--")),
                _other_last_bits(token, chance),
                _other_payload(token, chance),
            )
        )
        if found and found != token and "/" not in found and not _same_when_typed(found, token):
            return found


def _other_last_bits(token: str, chance: random.Random) -> str:
    """The last letter of a text in base 64 has bits that mean nothing: another letter, the same bytes."""
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    last = letters.find(token[-1])
    return token[:-1] + letters[last ^ chance.choice((1, 2, 3))] if last >= 0 else token


def _other_payload(token: str, chance: random.Random) -> str:
    """Another interaction, touchpoint or expiry under the same signature."""
    public, dot, rest = token.partition(".")
    payload, _, signature = rest.partition(".")
    if not dot or not signature:
        return token
    said = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode(errors="replace").split("\n")
    said[chance.randrange(len(said))] += "1"
    changed = base64.urlsafe_b64encode("\n".join(said).encode()).decode().rstrip("=")
    return f"{public}.{changed}.{signature}"


def _same_when_typed(found: str, token: str) -> bool:
    """Whether both are one open link: these may be typed with capitals and without hyphens."""
    return open_links.digest(found) == open_links.digest(token)


def attempts(known: Street, number: int, chance: random.Random) -> Iterator[tuple[str, str, str]]:
    """So many attempts: which kind of token, at which door, and the token."""
    purposes = [purpose for purpose in known.genuine if purpose in DOORS]
    for at in range(number):
        match at % 4:
            case 0 | 1:
                door = chance.choice(purposes)
                yield "altered", door, altered(chance.choice(known.genuine[door]), chance)
            case 2:
                purpose, door = chance.choice([(p, d) for p in known.genuine for d in DOORS if p != d])
                yield "made for another purpose", door, chance.choice(known.genuine[purpose])
            case _:
                kind = chance.choice(list(known.dead))
                yield kind, "answer", chance.choice(known.dead[kind])


def tried(client: FlaskClient, known: Street, number: int) -> Report:
    """What became of so many attempts."""
    report, chance = Report(), random.Random(SEED)
    for kind, door, token in attempts(known, number, chance):
        report.tried[kind] += 1
        path = DOORS[door].format(quote(token, safe=""))
        for method, reply in (("GET", client.get(path)), ("POST", client.post(path, data=_form(token)))):
            if reply.status_code < 400:
                report.taken.append(f"{kind}, {method} {path}: {reply.status_code}")
            body = OF_THE_FORM.sub("", reply.text)
            report.replies[f"{door}, {method}"].setdefault((reply.status_code, body), path)
    report.taken += _left_behind()
    return report


def _form(token: str) -> dict[str, str]:
    """What the page of a link sends, signed for this very token as if our page had been behind it."""
    note = page.written(page.fresh(datetime.now(UTC)), token, key=SECRET)
    return {"page": note, "q-effort": "1", "none": "1", "reminded": "1"}


def _left_behind() -> Iterator[str]:
    """What a token that was taken would have changed."""
    with db.reading() as session:
        for model in (Response, Contact, NoReminder):
            if session.scalar(select(func.count()).select_from(model)):
                yield f"something is written down: {model.__tablename__}"


def looks(client: FlaskClient, known: Street, each: int) -> dict[str, float]:
    """The median time that looking at each kind of dead link takes, in seconds; each looked at so often."""
    chance = random.Random(SEED)
    unknown = [service.token_hash(str(number))[:22] for number in range(40)]
    kinds = {"unknown": unknown, **known.dead}
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(each):
        for kind in chance.sample(list(kinds), len(kinds)):
            path = f"/r/{chance.choice(kinds[kind])}"
            begun = time.perf_counter()
            client.get(path)
            took[kind].append(time.perf_counter() - begun)
    return {kind: median(times) for kind, times in took.items()}


def measured(engine: str, number: int, each: int) -> Report:
    """The whole on one engine; each = 0 leaves the looks out."""
    with databases(engine) as urls, application(urls) as app:
        known = street(datetime.now(UTC))
        client = app.test_client(use_cookies=False)
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        report = tried(client, known, number)
        report.medians = looks(client, known, each) if each else {}
    return report


def lines(engine: str, report: Report) -> list[str]:
    """The figures, one a line."""
    tried = ", ".join(f"{kind} {number}" for kind, number in sorted(report.tried.items()))
    return [
        f"{engine}: {sum(report.tried.values())} tokens, each by GET and by POST: {tried}",
        f"  taken: {len(report.taken)}; doors whose refusals differ: {len(report.differing)}",
        *(f"  median look, {kind}: {1000 * took:.2f} ms" for kind, took in sorted(report.medians.items())),
        f"  furthest apart, of one form: {1000 * report.apart:.2f} ms",
        *(f"  taken: {told}" for told in report.taken[:10]),
        *(f"  {door}: {_differing(report.replies[door])}" for door in report.differing),
    ]


def _differing(replies: Mapping[tuple[int, str], str]) -> str:
    return ", ".join(f"{status} at {path}" for (status, _), path in replies.items())


def run() -> int:
    """Try every engine there is; 1 where a token was taken or two dead links could be told apart."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--tokens", type=int, default=5000)
    words.add_argument("--looks", type=int, default=1500)
    asked = words.parse_args()
    wrong = 0
    for engine in engines():
        report = measured(engine, asked.tokens, asked.looks)
        print("\n".join(lines(engine, report)), flush=True)
        wrong += len(report.taken) + len(report.differing) + (report.apart > MOST_APART)
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(run())
