"""What the pulse package brings to the application: its views, commands, jobs, menu lines and error pages."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import click
from flask import Blueprint, Flask

from config import Settings, settings
from pulse import db, troubles
from pulse.dashboards import (
    burden_views,
    chain_views,
    fix_views,
    flag_views,
    heat_views,
    overview_views,
    paper_views,
    released_views,
    success_views,
    team_views,
)
from pulse.dashboards.views import bp as dashboards
from pulse.heard.views import bp as heard
from pulse.i18n import lazy as _
from pulse.menu import MenuItem, Section
from pulse.months import written
from pulse.people import (
    attempts,
    audit,
    audit_mail,
    audit_views,
    factor_views,
    factors,
    files,
    leavers,
    links,
    login,
    naming,
    oidc,
    oidc_views,
    service,
    visits,
)
from pulse.people.audit_commands import audit as audit_command
from pulse.people.commands import users
from pulse.people.key_commands import keys
from pulse.people.news_views import bp as people
from pulse.registering import irritant_views
from pulse.registering.views import bp as registering
from pulse.scheduler import Job, Watch, hourly, nightly, once, weekly
from pulse.verdicts import digest, forgetting
from pulse.verdicts.commands import (
    changes_command,
    correlate_command,
    flags_command,
    plan_command,
    verdicts_command,
)
from pulse.verdicts.digest import Sender
from pulse.web import ErrorPage, Reception
from pulse.webhooks import sender
from pulse.webhooks import service as webhook_service
from pulse.webhooks.commands import webhooks as webhooks_command
from pulse.webhooks.views import bp as webhooks


def correlate(now: datetime) -> str:
    """Conclude over every fix from the months that are closed."""
    from pulse.verdicts import nightly as night  # NumPy: only the process that runs the night needs it

    try:
        done = night.correlate(db.night, now=now)
    except night.NothingClosed:
        return "no month is closed yet"
    told = ", ".join(f"{concluded.verdicts} verdicts for {written(concluded.month)}" for concluded in done)
    return told or "every closed month has been concluded already"


def forget_sign_ins(now: datetime) -> str:
    """Forget links that have run out and the mails they went in, attempts, and files nobody took over."""
    with once(db.main) as session:
        links.forget_old(session, now)
        attempts.forget_old(session, now)
        files.forget_old(session, now)
        visits.forget_old(session, service.today())
        factors.forget_steps(session, now)
    return "old links, attempts, visits and files of people forgotten"


def see_leavers_off(now: datetime) -> str:
    """End the sign-in of people whose last day is over, and forget those who left a year ago."""
    with once(db.night) as session:  # the web's role takes no name out of the audit
        return leavers.nightly(session, service.today(), now, also=forgetting.forget)


def tell_the_week(now: datetime) -> str:
    """Queue the weekly mail for everybody who wants it and for whom something is new."""
    known = settings()
    secret = known.secret_key.get_secret_value() if known.secret_key else ""
    with once(db.main) as session:
        told = digest.send(session, now, Sender(known.site_url, known.zone, secret))
    return f"{told} weekly mails queued"


def forget_news(now: datetime) -> str:
    """Delete weekly mails, and mails about flags, that were sent a month ago."""
    with once(db.main) as session:
        return f"{digest.forget(session, now)} mails about flags deleted"


def tell_receivers(now: datetime) -> str | None:
    """Send webhooks what is due."""
    return sender.send_due(db.main, settings(), now)


def forget_deliveries(now: datetime) -> str:
    """Delete what was sent to webhooks a month ago."""
    with db.writing() as session:
        return f"{webhook_service.forget(session, now)} deliveries to webhooks deleted"


def check_audit(now: datetime) -> str:
    """Put into the audit's chain what an older release wrote without, check all of it, and mail its end."""
    with db.night.writing() as session:
        adopted = audit.adopt(session)
        forgotten = audit_mail.forget(session, now)
    with db.night.reading() as session:
        found = audit.verify(session)
    with db.night.writing() as session:
        told = audit_mail.tell(session, found, now)
    if found.fault is not None:
        return f"NOT WHOLE at entry {found.fault.number}: {found.fault.why}; {told} people warned"
    return (
        f"{found.checked} entries hold, {adopted} of them put in tonight; {told} mails queued,"
        f" {forgotten} old ones deleted"
    )


# Being imported, they have put their pages into the blueprint.
VIEWS = (
    audit_views,
    burden_views,
    chain_views,
    factor_views,
    fix_views,
    flag_views,
    heat_views,
    irritant_views,
    oidc_views,
    overview_views,
    paper_views,
    released_views,
    success_views,
    team_views,
)
BLUEPRINTS: Sequence[Blueprint] = (people, registering, dashboards, heard, webhooks)
COMMANDS: Sequence[click.Command] = (
    users,
    keys,
    audit_command,
    webhooks_command,
    correlate_command,
    verdicts_command,
    flags_command,
    changes_command,
    plan_command,
)
JOBS: Sequence[Job] = (
    Job("correlate", nightly, correlate, needs="pulse.verdicts.nightly"),
    Job("forget sign-ins", hourly, forget_sign_ins),
    Job("see leavers off", nightly, see_leavers_off),
    Job(digest.JOB, weekly, tell_the_week),
    Job("forget news", nightly, forget_news),
    Job("check the audit", nightly, check_audit),
    Job("forget deliveries", nightly, forget_deliveries),
)
WATCHES: Sequence[Watch] = (Watch("tell webhooks", timedelta(seconds=2), tell_receivers),)
MENU: Sequence[MenuItem] = (
    MenuItem("pulse.dashboards.overview", _("Overview"), Section.RESULTS),
    MenuItem("pulse.dashboards.fixes", _("Fixes"), Section.RESULTS),
    MenuItem("pulse.registering.planned", _("Planned fixes"), Section.RESULTS),
    MenuItem("pulse.dashboards.flags", _("Flags"), Section.RESULTS),
    MenuItem("pulse.dashboards.changes", _("Changes"), Section.RESULTS),
    MenuItem("pulse.dashboards.teams", _("Teams"), Section.TEAMS),
    MenuItem("pulse.dashboards.heat_map", _("Heat map"), Section.TEAMS),
    MenuItem("pulse.dashboards.burden_ledger", _("Burden"), Section.TEAMS),
    MenuItem("pulse.dashboards.value_chain", _("Value chain"), Section.TEAMS),
    MenuItem("pulse.dashboards.figures", _("All figures"), Section.TEAMS),
    MenuItem("pulse.registering.irritants", _("Irritants"), Section.CUSTOMERS),
    MenuItem("pulse.heard.staff", _("You said"), Section.RESULTS),
    MenuItem("pulse.people.everybody", _("People"), Section.INSTALLATION),
    MenuItem("pulse.people.keys", _("API keys"), Section.INSTALLATION),
    MenuItem("pulse.webhooks.webhooks", _("Webhooks"), Section.INSTALLATION),
    MenuItem("pulse.people.audit", _("Audit"), Section.INSTALLATION),
)
ERRORS: Sequence[ErrorPage] = (
    ErrorPage(links.LinkVoid, 410, "pulse/people/link_void.html"),
    ErrorPage(oidc.Refused, 403, "pulse/people/service_refused.html"),
    ErrorPage(oidc.Unreachable, 503, "pulse/people/service_away.html"),
)
SET_UP: Sequence[Callable[[Flask], None]] = (
    login.set_up,
    naming.set_up,
    troubles.set_up,
)
RECEPTION = Reception(visitor=login.here, sign_in="pulse.people.sign_in")


def connect(settings: Settings) -> None:
    """Connect the main database, once for the pages and once for the night's role."""
    terms = db.Terms(settings.page_seconds, settings.connections)
    db.main.connect(settings.database_url, terms=terms)
    db.night.connect(settings.night_url or settings.database_url, terms=terms)
