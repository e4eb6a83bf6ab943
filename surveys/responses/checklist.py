"""A customer's page read back: an opening question, and a list of irritants, some of them ticked. Pure."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from surveys.questions.bother import BOTHER
from surveys.questions.kind import Choice, NotAnAnswer
from surveys.responses.answers import Question

TICK, DEGREE = "t-", "d-"  # before an irritant's code: whether it bothered, and how much
OTHER, NONE, CONSENT = "other", "none", "consent"
OTHER_DEGREE = "other-much"
UNDER = {OTHER: "something", CONSENT: "contact"}  # boxes to the texts that are written under them
DEGREES: tuple[Choice, ...] = BOTHER.choices[1:]  # ticking says already that it did bother
# Who ticks an irritant and says no more was bothered, by how much we do not know. The middle of the scale
# moves a mean least whatever they felt. Leaving them out would keep only those whom it bothered enough to
# go on, and 0 would be untrue.
TICKED = 500
APART = {"page", "reminded", "website"}  # fields of the form that are no part of the answer
ON = "1"


@dataclass(frozen=True)
class Item:
    """An irritant on the list: its measure's id and code, its name, and how one is asked how much."""

    id: int
    code: str
    label: str
    words: str

    @property
    def tick(self) -> str:
        """The name of its box."""
        return TICK + self.code

    @property
    def degree(self) -> str:
        """The name of the answers to how much."""
        return DEGREE + self.code


@dataclass(frozen=True)
class Given:
    """What a customer sent.

    chosen -- the opening's code to the answer chosen, if any
    ticked -- names of the boxes ticked, among them OTHER, NONE and CONSENT
    degrees -- names of the fields of how much to the answers chosen
    score -- of the opening, in hundredths of a point; None = skipped
    scores -- irritants' ids to hundredths of a point; empty where the whole list was skipped
    other_score -- how much something else bothered; None = nothing else did
    loose -- names of the boxes that were not ticked although something was chosen or written under them
    """

    chosen: Mapping[str, str]
    ticked: frozenset[str]
    degrees: Mapping[str, str]
    score: int | None
    scores: Mapping[int, int]
    other_score: int | None
    loose: frozenset[str]

    @property
    def skipped_opening(self) -> bool:
        """Whether the opening question was skipped."""
        return self.score is None

    @property
    def skipped_list(self) -> bool:
        """Whether nothing was ticked, not even that none of it bothered."""
        return not self.ticked - {CONSENT}


def read(form: Mapping[str, str], opening: Question, items: Sequence[Item]) -> Given:
    """The answers in a form, to what was shown and to nothing else.

    Whoever ticks at least one box (or "none of these") has looked at the list: what they did not tick did
    not bother them, which is a 0. What was chosen under a box that is not ticked is not counted: it was
    ticked once and then no more, or its page shows all at once and the person is asked (Given.loose).
    Raises NotAnAnswer for what no page of ours can send.
    """
    chosen = {opening.code: form[opening.field]} if form.get(opening.field) else {}
    boxes = {item.tick: item.degree for item in items} | {OTHER: OTHER_DEGREE}
    ticked = frozenset(name for name in (*boxes, NONE, CONSENT) if _ticked(form, name))
    degrees = {name: form[name] for name in boxes.values() if form.get(name)}
    felt = {name: _degree(degrees.get(boxes[name])) for name in boxes}
    looked = bool(ticked - {CONSENT})
    return Given(
        chosen,
        ticked,
        degrees,
        opening.kind.score(chosen[opening.code]) if chosen else None,
        {item.id: felt[item.tick] if item.tick in ticked else 0 for item in items} if looked else {},
        felt[OTHER] if OTHER in ticked else None,
        frozenset(_filled_under(form, boxes) - ticked),
    )


def _filled_under(form: Mapping[str, str], boxes: Mapping[str, str]) -> set[str]:
    """The names of the boxes under which something was chosen or written."""
    chosen = {name for name, degree in boxes.items() if form.get(degree)}
    return chosen | {name for name, text in UNDER.items() if form.get(text, "").strip()}


def _ticked(form: Mapping[str, str], name: str) -> bool:
    if form.get(name) not in (None, "", ON):
        raise NotAnAnswer(name)
    return form.get(name) == ON


def _degree(value: str | None) -> int:
    if value is None:
        return TICKED
    for choice in DEGREES:
        if choice.value == value and choice.score is not None:
            return choice.score
    raise NotAnAnswer(value)


def digest(fields: Iterable[tuple[str, str]], *, key: str) -> str:
    """A fingerprint of what was sent: the same again is a double click, not a second answer.

    fields -- names and values as they arrived, in any order
    key -- the installation's: without it nobody can find a comment or an address again by trying
    """
    said = sorted((name, value) for name, value in fields if value and name not in APART)
    return hmac.new(key.encode(), json.dumps(said).encode(), hashlib.sha256).hexdigest()
