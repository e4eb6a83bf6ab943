"""What in an analyst's words should make them look again before everybody reads them. Pure.

It finds what looks like a person, an address, a team or a figure. Looks are all it has: the analyst decides,
but for a team's name in words for customers, which is refused.
"""

import enum
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from pulse.i18n import Lazy, lazy

EMAIL = re.compile(r"\S+@\S+\.\w+")
PHONE = re.compile(r"(?<!\w)\+?\d(?:[ .\-/()]{0,2}\d){7,}(?!\w)")
CAPITAL, SMALL = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿœ"
WORD = f"[{CAPITAL}][{SMALL}]+(?:[-’'][{CAPITAL}]?[{SMALL}]+)*"
TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Mme|Mlle|Monsieur|Madame|M)\.?[ \u00a0\u202f]+{WORD}")
TWO_NAMES = re.compile(rf"\b{WORD} (?:[{CAPITAL}]{{2,}}|{WORD})")
FIGURE = re.compile(
    r"(\d+(?:[.,]\d+)?)[ \u00a0\u202f]*(?:(?P<percent>%|per ?cent|pour cent)|points?\b|out of 10\b|sur 10\b)"
)
# Words that begin sentences more often than names do.
OPENING = (
    "the a an we our you your it this that these those in at on since for when all now every each after"
    " before le la les un une des nous vous votre notre vos nos il elle ils ce cet cette ces en au aux dans"
    " depuis pour quand tous toutes chaque maintenant après avant désormais à"
)
OPENERS = frozenset(OPENING.split())


class Kind(enum.Enum):
    """What some words look like."""

    EMAIL = "email"
    PHONE = "phone"
    PERSON = "person"
    FIGURE = "figure"
    PERCENT = "percent"


SAID: dict[Kind, Lazy] = {
    Kind.EMAIL: lazy("“%(words)s” looks like an e-mail address."),
    Kind.PHONE: lazy("“%(words)s” looks like a telephone number."),
    Kind.PERSON: lazy("“%(words)s” looks like the name of a person."),
    Kind.FIGURE: lazy("“%(words)s” is not a figure of the newest verdict: Pulse adds these by itself."),
    Kind.PERCENT: lazy("“%(words)s”: Pulse publishes no percentage, so nobody can check it here."),
}


@dataclass(frozen=True)
class Doubt:
    """Some words and what they look like."""

    kind: Kind
    words: str

    def __str__(self) -> str:
        return SAID[self.kind] % {"words": self.words}


def doubts(
    texts: Iterable[str], *, people: Collection[str], known: Collection[str], figures: Collection[float]
) -> list[Doubt]:
    """What to look at again in some texts, each once, in their order.

    people -- names of people; known -- names that are no person's: places, irritants, fixes
    figures -- effects that are published, in points
    """
    found: dict[Doubt, None] = {}
    for text in texts:
        for doubt in (*_addresses(text), *_people(text, people, known), *_figures(text, figures)):
            found.setdefault(doubt)
    return list(found)


def teams_named(text: str, teams: Iterable[str]) -> list[str]:
    """The names of teams that a text holds, as whole words.

    A name of one word counts only as it is spelt: "billing" is a word, "Billing" the team.
    """
    return [name for name in teams if name.strip() and _holds(text, name)]


def _holds(text: str, name: str) -> bool:
    flags = re.IGNORECASE if " " in name.strip() else re.NOFLAG
    return re.search(rf"(?<!\w){re.escape(name.strip())}(?!\w)", text, flags) is not None


def _addresses(text: str) -> list[Doubt]:
    return [
        *(Doubt(Kind.EMAIL, found[0]) for found in EMAIL.finditer(text)),
        *(Doubt(Kind.PHONE, found[0]) for found in PHONE.finditer(text)),
    ]


def _people(text: str, people: Collection[str], known: Collection[str]) -> list[Doubt]:
    by_name = [name for name in people if " " in name.strip() and _holds(text, name)]
    titled = [found[0] for found in TITLED.finditer(text)]
    looking = [
        found[0]
        for found in TWO_NAMES.finditer(text)
        if found[0].split()[0].casefold() not in OPENERS and not _is_known(found[0], known)
    ]
    return [Doubt(Kind.PERSON, words) for words in dict.fromkeys([*by_name, *titled, *looking])]


def _is_known(words: str, known: Collection[str]) -> bool:
    return any(words.casefold() in name.casefold() for name in known)


def _figures(text: str, figures: Collection[float]) -> list[Doubt]:
    found = []
    for each in FIGURE.finditer(text):
        if each["percent"]:
            found.append(Doubt(Kind.PERCENT, each[0]))
        elif not any(abs(float(each[1].replace(",", ".")) - abs(figure)) < 0.05 for figure in figures):
            found.append(Doubt(Kind.FIGURE, each[0]))
    return found
