"""What was asked and what was sent: read from a form, judged, and nothing else. Pure."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from surveys.questions.kind import Kind

FIELD = "q-"  # before the irritant's code: an answer names what it is about, not the place it stood in
SHOWN = 7  # irritants on a customer's list, at most: what an eye takes in without searching

SECONDS, POINTS = (
    15 * 60,
    85,
)  # a closed question is a point; a quarter of an hour has 85 (Pew Research Center)


@dataclass(frozen=True)
class Question:
    """One question as it is shown: the irritant's code, its wording in the reader's language, its kind."""

    code: str
    words: str
    kind: Kind

    @property
    def field(self) -> str:
        """The name of its answers in the form."""
        return FIELD + self.code


def seconds(closed: int) -> int:
    """How long reading and answering so many closed questions takes; comments are optional and not counted.

    Source: Pew Research Center, "How we keep our online surveys from running too long" (2022): 85 points in
    15 minutes, a stand-alone closed question being one. The pages promise what this says.
    """
    return round(closed * SECONDS / POINTS)


@dataclass(frozen=True)
class Sent:
    """What a person sent.

    chosen -- irritant code to the answer chosen, to show the page again as it was
    scores -- irritant code to hundredths of a point; "not concerned" and skipped ones are left out
    skipped -- codes of the questions without any answer, in the order asked
    """

    chosen: Mapping[str, str]
    scores: Mapping[str, int]
    skipped: tuple[str, ...]


def read(form: Mapping[str, str], questions: Sequence[Question]) -> Sent:
    """The answers to these questions in a form; raises NotAnAnswer for what no page of ours can send."""
    chosen = {question.code: form[question.field] for question in questions if form.get(question.field)}
    scores = {
        question.code: question.kind.score(chosen[question.code])
        for question in questions
        if question.code in chosen
    }
    return Sent(
        chosen,
        {code: score for code, score in scores.items() if score is not None},
        tuple(question.code for question in questions if question.code not in chosen),
    )


def shown(met: Collection[str], running: Collection[str], *, seed: str, most: int = SHOWN) -> list[str]:
    """The irritants a customer is asked about, in an order of their own.

    met -- codes of the irritants met at the touchpoint
    running -- codes of the irritants a running fix acts on: where not all fit they come first, but for one
               question left to the others, which are what a fix is compared with
    seed -- the same seed gives the same list, so that a page shown again looks as it did

    The order is drawn anew for everybody, because what stands first is answered most.
    """
    chance = random.Random(seed)
    drawn = sorted(met)
    chance.shuffle(drawn)
    first = [code for code in drawn if code in running]
    rest = [code for code in drawn if code not in running]
    chosen = (first[: most - 1] + rest + first[most - 1 :])[:most]
    chance.shuffle(chosen)
    return chosen
