"""What customers are sent: who asks, about what and when, one button, and how to be asked no more."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from config import Settings
from pulse.i18n import day, gettext, ngettext, speaking
from pulse.outbox.letters import Link, as_html, as_text, one_line

LONGEST_NAME = 60  # of a customer: who is addressed by more than that is addressed by nothing
ROOM = 160  # characters of a text message, as networks count them (3GPP TS 23.038)
PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = frozenset("^{}\\[~]|€")  # these take the room of two
SPELT = {
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "–": "-",
    "—": "-",
    "…": "...",
    "œ": "oe",
    "Œ": "OE",
}


@dataclass(frozen=True)
class Asked:
    """What a customer's invitation says.

    place -- the touchpoint's names by language; happened_on -- the day they were there
    until -- the last day of the link; stop -- the address at which they can refuse further ones
    """

    language: str
    place: Mapping[str, str]
    happened_on: date
    until: date
    name: str | None
    link: str
    stop: str


def invitation(asked: Asked, known: Settings) -> tuple[str, str, str]:
    """The mail in the customer's language: its subject, its text, and the same as a page."""
    with speaking(asked.language):
        asker, then = one_line(known.asker), day(asked.happened_on)
        subject = gettext("%(asker)s: how did it go on %(day)s?", asker=asker, day=then)
        paragraphs = (
            _greeting(asked.name),
            gettext(
                "you were in touch with %(asker)s on %(day)s (%(place)s). How did it go? Answering takes less"
                " than 30 seconds.",
                asker=asker,
                day=then,
                place=_place(asked),
            ),
            Link(asked.link, gettext("Say how it went"), button=True),
            gettext(
                "The link works once, until %(day)s. Your name and your address are not kept with your"
                " answer, unless you leave them there yourself.",
                day=day(asked.until),
            ),
            ngettext(
                "You are asked at most once in %(n)s day. If you would rather not be asked again:",
                "You are asked at most once in %(n)s days. If you would rather not be asked again:",
                known.rest_days,
            ),
            Link(asked.stop, gettext("No more surveys")),
            asker,
        )
        return subject, as_text(paragraphs), as_html(paragraphs, subject)


def headers(stop: str) -> dict[str, str]:
    """What lets a mail program offer to stop these mails at one click (RFC 2369, RFC 8058)."""
    return {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def text_message(asked: Asked, known: Settings, *, room: int) -> str:
    """The text message, in letters that every telephone knows, and where it can be in the room of one.

    room -- characters of the link when its secret is filled in
    """
    with speaking(asked.language):
        asker = one_line(known.asker)
        long = gettext(
            "%(asker)s: how did it go on %(day)s (%(place)s)? 30 seconds:",
            asker=asker,
            day=day(asked.happened_on),
            place=_place(asked),
        )
        short = gettext("%(asker)s: how did it go? 30 seconds:", asker=asker)
    fits = next((words for words in map(simple, (long, short)) if length(words) + 1 + room <= ROOM), None)
    return f"{fits or simple(short)} {asked.link}"


def simple(words: str) -> str:
    """Words in the alphabet of text messages: without accents it lacks, with plain spaces and quotes."""
    found = []
    for c in words:
        if c not in PLAIN and c not in DOUBLE:
            bare = "".join(
                part for part in unicodedata.normalize("NFKD", c) if not unicodedata.combining(part)
            )
            c = SPELT.get(c) or bare or c
        found.append(c)
    return " ".join("".join(found).split())


def length(words: str) -> int:
    """How much of a text message's room words take."""
    return len(words) + sum(c in DOUBLE for c in words)


def _place(asked: Asked) -> str:
    return one_line(asked.place.get(asked.language) or next(iter(asked.place.values())))


def _greeting(name: str | None) -> str:
    written = one_line(name or "")
    if not written or len(written) > LONGEST_NAME:
        return gettext("Hello,")
    return gettext("Hello %(name)s,", name=written)
