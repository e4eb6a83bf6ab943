"""What is said of jobs and of what is wrong, in the language being spoken."""

from collections.abc import Callable, Mapping

from pulse.i18n import Lazy, lazy, month
from pulse.i18n import gettext as _
from pulse.months import parsed
from surveys.watching.check import Check, titles
from surveys.watching.models import Kind

# What each job is for, to whoever looks after the installation.
JOBS: Mapping[str, Lazy] = {
    "correlate": lazy("Conclude over every fix"),
    "forget sign-ins": lazy("Forget old links to sign in"),
    "see leavers off": lazy("End the sign-in of people who left"),
    "weekly news": lazy("Write the weekly news"),
    "forget news": lazy("Forget old news"),
    "check the audit": lazy("Check the chain of the audit, and mail its end"),
    "open the wave": lazy("Open the wave"),
    "invite to the wave": lazy("Invite employees to the wave"),
    "remind of the wave": lazy("Remind employees of the wave"),
    "forget mails of waves": lazy("Forget mails of waves that are over"),
    "close and count waves": lazy("Close waves and count them"),
    "make keys": lazy("Make the keys of the next ballots"),
    "destroy keys": lazy("Destroy keys that are of no use any more"),
    "write the urn anew": lazy("Write the urn anew, in no order of time"),
    "purge": lazy("Delete what has been kept long enough"),
    "forget customers": lazy("Forget customers of long ago"),
    "count responses": lazy("Count customers' answers"),
    "close customer months": lazy("Close the customers' months"),
    "count months again": lazy("Count months again after an erasure"),
    "forget messages": lazy("Forget messages to customers"),
    "open cases": lazy("Open cases of customers who want to be called"),
    "forget cases": lazy("Forget cases that are over"),
    "tell customers": lazy("Tell customers what became of it"),
    "group words": lazy("Group what customers wrote in their own words"),
    "forget arrivals": lazy("Forget from where answers came"),
    "forget folders": lazy("Forget folders nobody took over"),
    "forget alerts": lazy("Forget old warnings and runs"),
    "send messages": lazy("Send messages"),
    "tell webhooks": lazy("Tell other programs of flags and verdicts"),
    "forget deliveries": lazy("Forget old news for other programs"),
    "watch": lazy("Watch over the installation"),
}


def job(name: str) -> str:
    """What a job does, in a few words."""
    return str(JOBS[name]) if name in JOBS else name


def channel(name: str) -> str:
    """What the server of a channel is called."""
    return _("the SMS gateway") if name == "sms" else _("the mail server")


def headline(kind: Kind, subject: str) -> str:
    """What is wrong, in one line."""
    return HEADLINES[kind](subject)


def _of_wave(subject: str) -> str:
    return _("Few have taken part in the wave of %(month)s so far", month=month(parsed(subject)))


HEADLINES: Mapping[Kind, Callable[[str], str]] = {
    Kind.JOB_LATE: lambda name: _("A job has not run when it should: %(job)s", job=job(name)),
    Kind.JOB_FAILED: lambda name: _("A job fails again and again: %(job)s", job=job(name)),
    Kind.NO_CORRELATION: lambda _name: _("Nothing has been concluded for two days"),
    Kind.MESSAGES_WAIT: lambda _name: _("Messages wait, and none leaves"),
    Kind.CHANNEL_FAILS: lambda name: _("Messages do not leave: %(server)s fails", server=channel(name)),
    Kind.NEWS_WAIT: lambda _name: _("News for other programs does not arrive"),
    Kind.FEW_ANSWERS: _of_wave,
    Kind.ENOUGH_ANSWERS: lambda _name: "",
    Kind.CHECK: lambda name: titles().get(name, name),
}


def advice(kind: Kind, subject: str, checks: Mapping[str, Check]) -> str:
    """What to do about it.

    checks -- what was found, by name, in the language being spoken
    """
    if kind is Kind.CHECK:
        check = checks.get(subject)
        return f"{check.said}. {check.advice}".strip() if check else ""
    return _advice()[kind]


def _advice() -> Mapping[Kind, str]:
    return {
        Kind.JOB_LATE: _(
            "Look into the clock's log. Is one stuck? Stopping the clock and starting it is safe."
        ),
        Kind.JOB_FAILED: _("The clock's log says where in the program. It is tried again every ten minutes."),
        Kind.NO_CORRELATION: _("Run “flask correlate” by hand: it says what it lacks."),
        Kind.MESSAGES_WAIT: _("The page “Messages” has what its server said; is a clock at work?"),
        Kind.CHANNEL_FAILS: _(
            "Nothing is lost: messages wait. The page “Messages” has what the server said."
        ),
        Kind.NEWS_WAIT: _("The page “Webhooks” has what the receiver answered; it is tried again for days."),
        Kind.FEW_ANSWERS: _(
            "In most groups fewer than a quarter have taken part, and two thirds of the time are over. Are"
            " mails arriving? Do managers speak of it? Reminders go out in its last days. This is looked at"
            " once; participation is shown after the end."
        ),
        Kind.ENOUGH_ANSWERS: "",
    }
