"""What customers are written about a fix of what bothered them: true, short, and without any figure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from config import Settings
from pulse.i18n import Lazy, day, gettext, language, lazy, month, speaking
from pulse.outbox.letters import Link, Paragraph, as_html, as_text, one_line
from pulse.verdicts.rules import Outcome

# Each says what the verdict says and no more. That displaced and backfired ones are looked into is true of
# every one of them: it raised a flag, which somebody has to answer.
BECAME: dict[Outcome, Lazy] = {
    Outcome.RESOLVED: lazy(
        "Customers’ answers since then show that it bothers them less, and we see no sign that the trouble"
        " has only moved to the people who work here. Thank you for having said so."
    ),
    Outcome.DISPLACED: lazy(
        "Customers’ answers since then show that it bothers them less. But it now weighs on the people who"
        " work here, so we are not done: they are heard as well, and it is being looked into."
    ),
    Outcome.INEFFECTIVE: lazy(
        "Customers’ answers since then show no difference: it bothers them as much as before. We would"
        " rather tell you so than say nothing."
    ),
    Outcome.BACKFIRED: lazy(
        "Customers’ answers since then show that it bothers them more, not less. We are sorry. It has been"
        " raised with the people in charge, who have to say what comes next."
    ),
}


@dataclass(frozen=True)
class Said:
    """What a letter about a fix is made of; texts are by language.

    month -- of the customer's answer; started -- the day the fix started where they were
    underway -- whether it had started when they answered
    stop -- the address at which they can refuse further mails
    done, then -- what was done and what comes next, where an analyst has told all customers; else without any
    page -- where it is told to all customers; "" = it is not
    """

    language: str
    name: str
    month: date
    place: Mapping[str, str]
    irritant: Mapping[str, str]
    fix: Mapping[str, str]
    started: date
    outcome: Outcome
    underway: bool
    stop: str
    done: Mapping[str, str] = field(default_factory=dict)
    then: Mapping[str, str] = field(default_factory=dict)
    page: str = ""


def news(said: Said, known: Settings) -> tuple[str, str, str]:
    """The letter in the customer's language: its subject, its text, and the same as a page."""
    with speaking(said.language):
        asker = one_line(known.asker)
        subject = gettext("%(asker)s: what became of what you told us", asker=asker)
        paragraphs: list[Paragraph] = [
            gettext("Hello %(name)s,", name=one_line(said.name)) if said.name else gettext("Hello,"),
            gettext(
                "in %(month)s you told us that something bothered you: “%(irritant)s” (%(place)s). You agreed"
                " to hear from us about it.",
                month=month(said.month),
                irritant=_spoken(said.irritant),
                place=_spoken(said.place),
            ),
            gettext(
                "This is what was done: “%(fix)s”, since %(day)s.",
                fix=_spoken(said.fix),
                day=day(said.started),
            ),
            *_worded(said.done),
            str(BECAME[said.outcome]),
            *_worded(said.then),
            *_underway(said),
            *_page(said),
            gettext("We write to you about this once."),
            gettext("If you would rather hear nothing more from us:"),
            Link(said.stop, gettext("No more mails")),
            asker,
        ]
        return subject, as_text(paragraphs), as_html(paragraphs, subject)


def _underway(said: Said) -> tuple[str, ...]:
    if not said.underway:
        return ()
    return (gettext("When you wrote, this was already under way. It did not spare you, and we regret that."),)


def _worded(words: Mapping[str, str]) -> tuple[str, ...]:
    return (_spoken(words),) if words else ()


def _page(said: Said) -> tuple[Link, ...]:
    label = gettext("What other customers told us and what came of it")
    return (Link(f"{said.page}?lang={language()}", label),) if said.page else ()


def _spoken(words: Mapping[str, str]) -> str:
    return one_line(words[language()])
