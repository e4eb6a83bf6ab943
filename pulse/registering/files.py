"""What the lists of irritants and of planned fixes hand out as files: the lines they show."""

from collections.abc import Mapping, Sequence
from datetime import date

from config import settings
from pulse.exports import Book, Column, Sheet, Value
from pulse.i18n import day, language
from pulse.i18n import gettext as _
from pulse.organisation.freezing import Stage
from pulse.registering.queries import About, Row


def irritants(found: Sequence[About], today: date, *, address: str) -> Book:
    """A row an irritant, with both questions in both languages."""
    columns = [
        Column("irritant", _("Code")),
        Column("label_en", _("Name in English")),
        Column("label_fr", _("Name in French")),
        Column("customer_question_en", _("Question to customers, in English")),
        Column("customer_question_fr", _("Question to customers, in French")),
        Column("employee_question_en", _("Question to employees, in English")),
        Column("employee_question_fr", _("Question to employees, in French")),
        Column("touchpoints", _("Touchpoints")),
        Column("fixes", _("Fixes")),
        Column("asked", _("Asked about")),
        Column("retired", _("No longer asked about since")),
    ]
    rows = [_irritant(one) for one in found]
    return Book("irritants", _about(today, address), [Sheet("irritants", _("Irritants"), columns, rows)])


def _irritant(one: About) -> list[Value]:
    row = one.irritant
    return [
        row.code,
        row.label_en,
        row.label_fr,
        row.customer_question_en,
        row.customer_question_fr,
        row.employee_question_en,
        row.employee_question_fr,
        "|".join(place.code for place in row.touchpoints),
        "|".join(fix.code for fix in one.fixes),
        one.asked,
        row.retired,
    ]


def planned(found: Mapping[Stage, Sequence[Row]], today: date, *, address: str) -> Book:
    """A row a fix on record, with what was written down before launch."""
    columns = [
        Column("fix", _("Code")),
        Column("name", _("Name")),
        Column("irritant", _("Irritant")),
        Column("stage", _("State")),
        Column("started", _("Start")),
        Column("stopped", _("End")),
        Column("owner", _("Owner")),
        Column("expected_customer", _("Expected for customers")),
        Column("expected_staff", _("Expected for staff")),
        Column("staff_task", _("What staff must do now")),
    ]
    rows = [_fix(row) for rows in found.values() for row in rows]
    return Book("planned-fixes", _about(today, address), [Sheet("fixes", _("Fixes"), columns, rows)])


def _fix(row: Row) -> list[Value]:
    fix = row.fix
    points = [None if of is None else of / 100 for of in (fix.expected_customer, fix.expected_staff)]
    return [
        fix.code,
        fix.name(language()),
        fix.irritant.code,
        row.stage.value,
        fix.started,
        fix.stopped,
        fix.owner,
        *points,
        fix.staff_task,
    ]


def _about(today: date, address: str) -> list[tuple[str, str]]:
    return [
        (_("Organisation"), settings().asker),
        (_("Day"), day(today)),
        (_("Address"), address),
        (_("Made by"), "Pulse"),
    ]
