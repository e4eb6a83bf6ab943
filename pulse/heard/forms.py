"""The form in which an analyst writes what is told of a fix."""

from collections.abc import Iterable, Mapping

from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length

from pulse.forms import Form
from pulse.heard.service import COLUMNS
from pulse.i18n import lazy as _
from pulse.i18n import listed

LONGEST = 1200  # characters: what is longer, nobody reads on a phone
TOO_LONG = _("Shorten this to at most 1,200 characters")
LIMIT = [Length(max=LONGEST, message=TOO_LONG)]


class WordsForm(Form):
    """What was said, what was done and what comes next, in both languages."""

    said_en = TextAreaField(_("What was said, in English"), LIMIT)
    done_en = TextAreaField(_("What was done, in English"), LIMIT)
    next_en = TextAreaField(_("What comes next, in English"), LIMIT)
    said_fr = TextAreaField(_("What was said, in French"), LIMIT)
    done_fr = TextAreaField(_("What was done, in French"), LIMIT)
    next_fr = TextAreaField(_("What comes next, in French"), LIMIT)
    sure = BooleanField(_("I have looked at this again: publish it as it stands"))

    @property
    def words(self) -> dict[str, str]:
        """What was written, by column."""
        return {column: (self[column].data or "").replace("\r\n", "\n").strip() for column in COLUMNS}

    def fill(self, words: Mapping[str, str]) -> None:
        """Show what is written already."""
        for column in COLUMNS:
            self[column].data = words[column]

    def want(self, columns: Iterable[str]) -> None:
        """Say that these are missing before anybody can read it."""
        for column in columns:
            self[column].errors = [*self[column].errors, _("Write this before it is published")]

    def refuse_teams(self, columns: Mapping[str, list[str]]) -> None:
        """Say where words for customers name a team."""
        for column, names in columns.items():
            refusal = _("Customers read no team's name: take out %(names)s", names=listed(names))
            self[column].errors = [*self[column].errors, refusal]

    def want_sureness(self) -> None:
        """Say that something should be looked at again first."""
        self.sure.errors = [*self.sure.errors, _("Look at what is marked above, then tick this or change it")]
