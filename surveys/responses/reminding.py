"""Mentioning skipped questions: once, and never as a condition."""

from surveys.responses.answers import Question, Sent
from surveys.responses.forms import CodeAnswersForm, CustomerForm


def to_be_reminded(form: CustomerForm | CodeAnswersForm, sent: Sent) -> bool:
    """Whether questions were skipped that nobody has been reminded of yet."""
    return bool(sent.skipped) and not form.reminded.data


def missing(
    form: CustomerForm | CodeAnswersForm, questions: tuple[Question, ...], sent: Sent
) -> tuple[Question, ...]:
    """The questions to remind of: once, and not while something else has to be put right."""
    if form.errors or not to_be_reminded(form, sent):
        return ()
    form.reminded.data = "1"
    return tuple(question for question in questions if question.code in sent.skipped)
