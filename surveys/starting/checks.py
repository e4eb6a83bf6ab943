"""Whether mails, clock and addresses are as a first wave needs them: each check in words, with what to do."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import OWN_MACHINE, Settings
from pulse.i18n import gettext as _
from pulse.i18n import ngettext
from pulse.scheduler import Run, RunState
from surveys.delivery import channels, progress
from surveys.starting.findings import Finding, found

SEEN_LATELY = timedelta(minutes=70)  # a clock has work every hour
PATIENCE = 2  # seconds for the ballot host to answer


def checks(session: Session, settings: Settings, now: datetime) -> list[Finding]:
    """What the database and the settings say of mails and the clock."""
    return [*_mails(session, settings), *_clock(session, settings, now), _key(settings)]


def addresses(settings: Settings, reached: Callable[[str], bool]) -> list[Finding]:
    """What the settings say of the addresses people go to; reached -- tells whether one answers."""
    return [_encrypted(settings), _other_host(settings), _answers(settings, reached)]


def answers(address: str) -> bool:
    """Whether anything answers at an address within seconds, called from this server."""
    straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with straight.open(f"{address}/b/code", timeout=PATIENCE):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return error.code < 500
    except (OSError, http.client.HTTPException, ValueError):
        return False


def _mails(session: Session, settings: Settings) -> Iterator[Finding]:
    if channels.is_set("email", settings):
        host = urlsplit(settings.smtp_url or "").hostname or ""
        yield Finding(_("A mail server is set: %(host)s", host=host), well=True)
    else:
        yield Finding(
            _("No mail server is set"),
            _("Mails are written to the log and reach nobody. Set PULSE_SMTP_URL, then start Pulse again."),
        )
    sender = parseaddr(settings.mail_from)[1]
    if sender.rpartition("@")[2] in ("", "localhost"):
        yield Finding(
            _("Mails would come from %(address)s", address=sender),
            _("Nobody trusts such a mail. Set PULSE_MAIL_FROM to an address of yours."),
        )
    else:
        yield Finding(_("Mails come from %(address)s", address=sender), well=True)
    for trouble in progress.troubles(session):
        if trouble.channel == "email":
            yield Finding(_("The mail server fails"), _("What it said: %(words)s", words=trouble.error))


def _clock(session: Session, settings: Settings, now: datetime) -> Iterator[Finding]:
    last = session.scalar(select(func.max(Run.claimed_at)))
    if last is None or last < now - SEEN_LATELY:
        yield Finding(
            _("The clock does not run"),
            _("Without it no wave opens and no mail leaves. Start “flask clock” beside the web server."),
        )
        return
    time = f"{last.astimezone(settings.zone):%H:%M}"
    yield Finding(_("The clock runs: it last began something at %(time)s", time=time), well=True)
    latest = select(func.max(Run.id)).group_by(Run.job)
    failed = select(Run.job).where(Run.id.in_(latest), Run.state == RunState.FAILED).order_by(Run.job)
    if jobs := session.scalars(failed).all():
        title = ngettext(
            "%(n)s job of the clock failed when it last ran",
            "%(n)s jobs of the clock failed when they last ran",
            len(jobs),
        )
        yield found(title, _("It tries again by itself. If this stays so, look into its log."), jobs)


def _key(settings: Settings) -> Finding:
    if settings.secret_key is None:
        return Finding(
            _("The secret key is not set"),
            _(
                "Sessions and links are signed with it. Set PULSE_SECRET_KEY, and keep a copy apart from"
                " backups."
            ),
        )
    return Finding(_("The secret key is set"), well=True)


def _encrypted(settings: Settings) -> Finding:
    plain = [one for one in (settings.site_url, settings.ballot_url) if not one.startswith("https:")]
    if not plain:
        return Finding(_("Both addresses are encrypted (https)"), well=True)
    if all(urlsplit(one).hostname in OWN_MACHINE for one in plain):
        return Finding(
            _("The addresses are of this machine alone"),
            _(
                "That will do for trying out. For real use, set PULSE_SITE_URL and PULSE_BALLOT_URL to https"
                " addresses that everybody reaches: mails carry the first."
            ),
        )
    return found(
        _("Not every address is encrypted"),
        _(
            "What people answer could be read on its way. Set PULSE_SITE_URL and PULSE_BALLOT_URL to https"
            " addresses."
        ),
        plain,
    )


def _other_host(settings: Settings) -> Finding:
    site, ballots = (urlsplit(one).hostname for one in (settings.site_url, settings.ballot_url))
    if site != ballots:
        return Finding(_("Ballots go to a host of their own: %(host)s", host=ballots), well=True)
    return Finding(
        _("Ballots go to the same host as the site"),
        _(
            "The cookie that says who somebody is would travel along. Set PULSE_BALLOT_URL to another host"
            " name that leads to the same server."
        ),
    )


def _answers(settings: Settings, reached: Callable[[str], bool]) -> Finding:
    if reached(settings.ballot_url):
        return Finding(_("The ballot host answers"), well=True)
    return Finding(
        _("The ballot host does not answer this server"),
        _(
            "Open %(address)s/b/code in your browser. If no page comes up there either, nobody can answer:"
            " lead that name to this server.",
            address=settings.ballot_url,
        ),
    )
