"""Mentioning skipped questions: once, and never as a condition."""

from dataclasses import replace

from pulse.forms import Problem
from pulse.i18n import gettext
from surveys.responses.answers import Question, Sent
from surveys.responses.checklist import CONSENT, OTHER, Given, Item
from surveys.responses.forms import CodeAnswersForm


def to_be_reminded(form: CodeAnswersForm, sent: Sent) -> bool:
    """Whether questions were skipped that nobody has been reminded of yet."""
    return bool(sent.skipped) and not form.reminded.data


def missing(form: CodeAnswersForm, questions: tuple[Question, ...], sent: Sent) -> tuple[Question, ...]:
    """The questions to remind of: once, and not while something else has to be put right."""
    if form.errors or not to_be_reminded(form, sent):
        return ()
    form.reminded.data = "1"
    return tuple(question for question in questions if question.code in sent.skipped)


def omissions(given: Given, opening: Question, items: tuple[Item, ...]) -> list[Problem]:
    """What a customer may have overlooked, in the order of the page; empty where nothing was."""
    found = []
    if given.skipped_opening:
        found.append(Problem("q1-0", f"1. {opening.words}"))
    if given.skipped_list and not given.loose - {CONSENT}:
        first = "t0" if items else OTHER
        found.append(Problem(first, gettext("2. Which of these bothered you? If none did, say so.")))
    for number, item in enumerate(items):
        if item.tick in given.loose:
            found.append(_ticked_for_them(f"t{number}", item.label))
    if OTHER in given.loose:
        found.append(_ticked_for_them(OTHER, gettext("Something else")))
    if CONSENT in given.loose:
        words = gettext("You wrote how to reach you. If we may do so, tick the box above it.")
        found.append(Problem(CONSENT, words))
    return found


def _ticked_for_them(anchor: str, label: str) -> Problem:
    words = gettext("“%(what)s” is now ticked: take the tick away if it did not bother you.", what=label)
    return Problem(anchor, words)


def ticked_for_them(given: Given) -> Given:
    """What was sent, with the boxes ticked under which something was chosen; but never consent."""
    return replace(given, ticked=given.ticked | (given.loose - {CONSENT}))
