"""The form every page's form is made from: it asks in full words and refuses in full words."""

from dataclasses import dataclass
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired

from pulse.i18n import Lazy, lazy


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: where to go (the id of its input) and what to do."""

    anchor: str
    words: str


def storable(value: object) -> object:
    """What was typed without the one character that PostgreSQL takes in no text, and nobody types."""
    return value.replace("\0", "") if isinstance(value, str) else value


class Form(FlaskForm):
    """A form of somebody who has signed in (or is doing so), safe from being sent by another site."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: BaseForm, unbound: UnboundField, options: dict[str, Any]) -> Field:
            """Every field of every form, its text storable."""
            filters = [*unbound.kwargs.get("filters", ()), storable]
            return unbound.bind(form=form, filters=filters, **options)

    def problems(self) -> list[Problem]:
        """What has to be put right, in the order of the fields; empty where all is well."""
        found = [
            Problem(_anchor(field), str(words)) for field in self if field.errors for words in _said(field)
        ]
        return found + [Problem("main", str(words)) for words in self.form_errors]


class OpenForm(Form):
    """A form of an answering page: no cookie there, hence no session that another site could borrow."""

    class Meta(Form.Meta):
        csrf = False


STALE = lazy("This page was open for too long. Nothing was lost: send it again.")


def required(message: Lazy) -> DataRequired:
    """The rule that a field must be filled in, with what to say where it is not."""
    return DataRequired(message)


def _said(field: Field) -> list[object]:
    # The words of Flask-WTF about a missing or old token are for developers, and in English only.
    return [STALE] if field.type == "CSRFTokenField" else list(field.errors)


def _anchor(field: Field) -> str:
    if field.type == "CSRFTokenField":
        return "main"
    return f"{field.id}-0" if field.type in ("RadioField", "SelectMultipleField") else str(field.id)
