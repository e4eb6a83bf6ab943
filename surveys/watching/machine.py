"""What is looked at on this machine: its settings, its disks, the mail server it speaks to."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from flask.helpers import get_debug_flag
from sqlalchemy.engine import make_url

from config import OWN_MACHINE, ROOT, Settings, is_guessable
from pulse.i18n import gettext as _
from pulse.i18n import number
from surveys.delivery.email import EmailChannel
from surveys.delivery.outcome import Refused, TryLater
from surveys.watching.check import Check, State
from surveys.watching.supervisor import STOPPING

GIGABYTE = 10**9
TIGHT, FULL = 10 * GIGABYTE, GIGABYTE // 2  # free bytes, where less than a tenth of the disk is free too
SHARE = 0.1


def stopping() -> Iterator[Check]:
    """Says that this server is about to stop, so that nobody new is sent to it; nothing otherwise."""
    mark = os.environ.get(STOPPING)
    if mark and Path(mark).exists():
        yield Check("stopping", State.FAILING, _("This web server is about to stop"))


def is_tried_out(settings: Settings) -> bool:
    """Whether this is somebody's own machine, where neither https nor a good secret is asked for."""
    return urlsplit(settings.site_url).hostname in OWN_MACHINE


def settings(known: Settings) -> list[Check]:
    """Whether the settings are safe: the secret, the addresses, no debugging, the proxies."""
    return [_secret(known), _addresses(known), _debugging(known), _proxies(known)]


def _secret(known: Settings) -> Check:
    key = known.secret_key.get_secret_value() if known.secret_key else ""
    if key and (is_tried_out(known) or not is_guessable(key)):
        return Check("secret", State.OK, _("The secret key is set"))
    advice = _(
        "Set PULSE_SECRET_KEY to what “openssl rand -hex 32” prints, the same on all machines, and keep it."
    )
    if not key:
        return Check("secret", State.FAILING, _("PULSE_SECRET_KEY is not set"), advice)
    return Check("secret", State.FAILING, _("The secret key can be guessed"), advice)


def _addresses(known: Settings) -> Check:
    site, ballots = urlsplit(known.site_url), urlsplit(known.ballot_url)
    advice = _("Correct PULSE_SITE_URL and PULSE_BALLOT_URL (docs/operate.md).")
    if site.hostname == ballots.hostname:
        said = _("The ballot host is the site's own host: cookies would travel with ballots")
    elif is_tried_out(known):
        return Check("addresses", State.OK, _("The site is for this machine alone"))
    elif site.scheme != "https" or ballots.scheme != "https":
        said = _("Site or ballot host are not encrypted: both must begin with https://")
    elif ballots.hostname in OWN_MACHINE:
        said = _("The ballot host is this machine alone: nobody could cast a ballot")
    else:
        return Check("addresses", State.OK, _("Site and ballot host are encrypted and apart"))
    return Check("addresses", State.FAILING, said, advice)


def _debugging(known: Settings) -> Check:
    if not get_debug_flag():
        return Check("debugging", State.OK, _("Debugging is off"))
    state = State.WARNING if is_tried_out(known) else State.FAILING
    advice = _("Take FLASK_DEBUG away: it lets visitors look into the program.")
    return Check("debugging", state, _("Debugging is on"), advice)


def _proxies(known: Settings) -> Check:
    if known.proxies or is_tried_out(known):
        return Check("proxies", State.OK, _("It is known how many proxies stand in front"))
    return Check(
        "proxies",
        State.WARNING,
        _("No proxy is declared: all visitors would seem to come from one address"),
        _("Set PULSE_PROXIES to the number of proxies of yours in front of the web server, mostly 1."),
    )


def disks(known: Settings) -> Iterator[Check]:
    """Whether there is room where this machine writes; a database server of its own is not looked into."""
    places = [ROOT, Path(tempfile.gettempdir()), *_folders(known)]
    free = {place: shutil.disk_usage(place) for place in places if place.exists()}
    place, least = min(free.items(), key=lambda item: item[1].free)
    roomy = least.free > TIGHT or least.free > SHARE * least.total
    state = State.FAILING if least.free < FULL else State.OK if roomy else State.WARNING
    said = _("%(n)s GB are free at %(place)s", n=number(least.free / GIGABYTE), place=place)
    advice = _("Make room or take a larger disk: a full one takes no answers.")
    yield Check("disk", state, said, "" if state is State.OK else advice)


def _folders(known: Settings) -> Iterator[Path]:
    for url in (known.database_url, known.urn_url):
        address = make_url(url)
        if address.get_backend_name() == "sqlite" and address.database:
            yield Path(address.database).resolve().parent


def mail(known: Settings) -> Check:
    """Whether the mail server lets us in; nothing is sent."""
    if known.smtp_url is None:
        state = State.OK if is_tried_out(known) else State.WARNING
        said = _("No mail server is set: mails are written to the log and reach nobody")
        return Check("mail", state, said, "" if state is State.OK else _("Set PULSE_SMTP_URL."))
    channel = EmailChannel(known)
    try:
        channel.open()
    except (TryLater, Refused) as error:
        advice = _("Correct PULSE_SMTP_URL, or see to the mail server.")
        return Check("mail", State.FAILING, _("The mail server fails: %(words)s", words=error), advice)
    finally:
        channel.close()
    return Check("mail", State.OK, _("The mail server lets Pulse in"))
