"""What messages are of, by the beginnings of their keys: whom they are to, and what a mailing is called."""

import re
from datetime import date

from sqlalchemy import ColumnElement, or_

from pulse.i18n import gettext, month
from pulse.months import parsed
from pulse.outbox.models import Message

PULSE = re.compile(r"wave:(\d{4}-\d{2}):person(?::reminder:(\d+))?\Z")
INTERACTION = re.compile(r"interaction:([0-9]{1,18})\Z")
SIGN_IN, TEST, ALERT = "sign-in", "test", "alert"
TO_CUSTOMERS = ("interaction", "told")  # the first word of their keys


def is_to_customer(mailing: str) -> bool:
    """Whether messages of this mailing go to customers."""
    return mailing.partition(":")[0] in TO_CUSTOMERS


def of_customers() -> ColumnElement[bool]:
    """The same of rows."""
    return or_(
        *(or_(Message.mailing == word, Message.mailing.startswith(f"{word}:")) for word in TO_CUSTOMERS)
    )


def interaction(key: str) -> int | None:
    """The interaction that a message invites to tell about."""
    found = INTERACTION.match(key)
    return int(found[1]) if found else None


def together(mailing: str) -> str:
    """The mailing under which this one is told of: a pulse's by itself, the others by their kind."""
    return mailing if PULSE.match(mailing) else mailing.partition(":")[0]


def may_be_counted(mailing: str) -> bool:
    """Whether the number of a mailing's messages may be shown.

    Reminders go to those who have drawn no ballot, and who signs in does so to draw one: while a wave is
    open, both numbers tell how many have answered, which nobody is shown (privacy.md, 3).
    """
    found = PULSE.match(mailing)
    return mailing != SIGN_IN and not (found and found[2])


def countable() -> tuple[ColumnElement[bool], ...]:
    """The same of rows."""
    return Message.mailing != SIGN_IN, Message.mailing.not_like("wave:%:reminder:%")


def title(mailing: str) -> str:
    """What a mailing is called, in the language being spoken."""
    found = PULSE.match(mailing)
    if found and found[2]:
        return gettext("Pulse of %(month)s: reminder %(n)s", month=month(_month(found)), n=found[2])
    if found:
        return gettext("Pulse of %(month)s: invitations", month=month(_month(found)))
    kind = mailing.partition(":")[0]
    if kind == "interaction":
        return gettext("Invitations to customers")
    if kind == "told":
        return gettext("What customers are told about what changed")
    if kind == "flag":
        return gettext("Flags, to whoever looks after them")
    if kind == "weekly":
        return gettext("Weekly news of fixes and flags")
    if kind == "audit":
        return gettext("Audit: where its chain ends")
    if kind == ALERT:
        return gettext("Alerts to administrators")
    if kind == TEST:
        return gettext("Test mails")
    return gettext("Links to sign in") if kind == SIGN_IN else mailing


def _month(found: re.Match[str]) -> date:
    return parsed(found[1])
