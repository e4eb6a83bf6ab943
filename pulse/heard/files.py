"""What is told, as a file. Customers' files hold no figure of staff. Pure but for the words."""

from collections.abc import Sequence

from pulse.exports import Book, Column, Sheet, Value
from pulse.heard.queries import Row
from pulse.heard.telling import Item
from pulse.i18n import gettext as _
from pulse.i18n import language
from pulse.organisation.models import Side
from pulse.verdicts import sentences
from pulse.verdicts.sentences import Span

About = Sequence[tuple[str, str]]


def told(items: Sequence[Item], side: Side, about: About) -> Book:
    """What is on a side's page."""
    points = _("points")
    spans = [("customer", _("Customers"))]
    if side is Side.EMPLOYEE:
        spans += [("landing", _("Where it landed")), ("staff", _("Teams of the fix"))]
    columns = [
        Column("irritant", _("Irritant")),
        Column("started", _("Started")),
        Column("said", _("You said")),
        Column("done", _("We did")),
        Column("verdict", _("Verdict (code)")),
        Column("verdict_label", _("Verdict")),
        Column("as_of", _("At the end of")),
        Column("n", _("Answers of customers, about")),
        *(
            Column(f"{code}_{part}", f"{label} ({words})")
            for code, label in spans
            for part, words in (("effect", points), ("low", _("from")), ("high", _("to")))
        ),
        Column("next", _("What comes next")),
    ]
    name = "you-said-customers" if side is Side.CUSTOMER else "you-said-staff"
    rows = [_told(item, side) for item in items]
    return Book(name, about, [Sheet("told", _("You said, we did"), columns, rows)])


def _told(item: Item, side: Side) -> list[Value]:
    verdict, spoken = item.verdict, language()
    shown = (sentences.customers, sentences.landing, sentences.staff)
    known = verdict is not None and verdict.outcome.value != "undetermined"
    spans = [each(verdict) if verdict is not None and known else None for each in shown]
    return [
        item.irritant[spoken],
        item.started,
        item.words["said"][spoken],
        item.words["done"][spoken],
        item.outcome.value,
        item.word,
        verdict.as_of if verdict else None,
        verdict.customer_answers if verdict else None,
        *(value for span in (spans if side is Side.EMPLOYEE else spans[:1]) for value in _span(span)),
        item.words["next"][spoken],
    ]


def _span(span: Span | None) -> tuple[Value, Value, Value]:
    return (span.value, span.low, span.high) if span else (None, None, None)


def listing(rows: Sequence[Row], about: About) -> Book:
    """How far the telling of each fix has come."""
    columns = [
        Column("fix", _("Code")),
        Column("name", _("Fix")),
        Column("irritant", _("Irritant")),
        Column("started", _("Started")),
        Column("verdict", _("Verdict (code)")),
        Column("verdict_label", _("Verdict")),
        Column("customers_state", _("For customers (code)")),
        Column("customers_since", _("On the customers' page since")),
        Column("staff_state", _("For staff (code)")),
        Column("staff_since", _("On the staff's page since")),
    ]
    lines = [
        [
            row.fix.code,
            row.fix.name(language()),
            row.fix.irritant.label(language()),
            row.fix.started,
            row.outcome.value,
            str(sentences.WORDS[row.outcome]),
            *(value for side in (Side.CUSTOMER, Side.EMPLOYEE) for value in _state(row, side)),
        ]
        for row in rows
    ]
    return Book("you-said-we-did", about, [Sheet("fixes", _("Fixes"), columns, lines)])


def _state(row: Row, side: Side) -> tuple[Value, Value]:
    heard = row.heard.get(side)
    if heard is None:
        return "nothing", None
    return ("published", heard.published_at.date()) if heard.published_at else ("draft", None)
