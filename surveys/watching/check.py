"""One thing that was looked at, and what to do about it."""

import enum
from dataclasses import dataclass

from pulse.i18n import gettext as _


class State(enum.Enum):
    """How a thing that was looked at is."""

    OK = "ok"
    WARNING = "warning"  # it works, and somebody should see to it
    FAILING = "failing"  # something is not done, not kept or not safe


@dataclass(frozen=True)
class Check:
    """What was found of one thing, in the language being spoken.

    name -- its code: stable, the same in every language
    said, advice -- for administrators: they may name hosts and roles. Nothing of an open wave is in them
    """

    name: str
    state: State
    said: str
    advice: str = ""

    @property
    def title(self) -> str:
        """What was looked at, in the language being spoken."""
        return titles()[self.name]


def titles() -> dict[str, str]:
    """What every check is called, in the language being spoken, by its code; in the order they are shown."""
    return {
        "stopping": _("Stopping"),
        "secret": _("Secret key"),
        "addresses": _("Addresses"),
        "debugging": _("Debugging"),
        "proxies": _("Proxies"),
        "database": _("Main database"),
        "urn": _("Urn"),
        "migrations": _("Migrations"),
        "roles": _("Database roles"),
        "durability": _("Answers on disk"),
        "records": _("Records of the urn's server"),
        "clock": _("Clock"),
        "time": _("Time of the machines"),
        "jobs": _("Jobs"),
        "messages": _("Messages waiting"),
        "mail": _("Mail server"),
        "disk": _("Disk space"),
        "backup": _("Backups"),
    }
