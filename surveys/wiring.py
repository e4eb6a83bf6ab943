"""What the surveys package brings: its views, commands, jobs, menu lines and error pages."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import click
from flask import Blueprint, Flask

from config import Settings, settings
from pulse import db
from pulse.i18n import lazy as _
from pulse.menu import MenuItem, Section
from pulse.months import month_of, written
from pulse.scheduler import Job, Watch, hourly, nightly
from pulse.web import ErrorPage
from surveys.api.views import bp as api
from surveys.ballots import count, issuing, keys, retention
from surveys.ballots.codes import AlreadyMade, NoSuchUnit
from surveys.ballots.models import Ballot, Code, Remark, UnitKey
from surveys.ballots.rewriting import rewrite
from surveys.ballots.urn import arrived, note_rewritten, tally, urn, urn_tally
from surveys.cases import news
from surveys.cases import retention as case_retention
from surveys.cases import service as cases_service
from surveys.cases.views import bp as cases
from surveys.cli import db as db_group
from surveys.cli import demo_command
from surveys.clock import clock
from surveys.delivery import retention as message_retention
from surveys.delivery.door_views import bp as doors
from surveys.delivery.sender import send_due
from surveys.delivery.views import bp as delivery
from surveys.imports.commands import load_command
from surveys.imports.interaction_commands import interactions_command
from surveys.imports.people_commands import people_command
from surveys.imports.views import bp as imports
from surveys.invitations import retention as customers
from surveys.invitations.commands import invite
from surveys.invitations.service import NotInvited
from surveys.invitations.views import bp as invitations
from surveys.proposals import service as proposals_service
from surveys.proposals.views import bp as proposals
from surveys.questions.kind import NotAnAnswer
from surveys.responses import arrivals, counting
from surveys.responses.ballots import NotCast
from surveys.responses.ballots import bp as ballots
from surveys.responses.codes import bp as codes
from surveys.responses.commands import codes_command
from surveys.responses.employee import NotUsable, NoWave
from surveys.responses.erasure import Forget
from surveys.responses.open_views import bp as responses
from surveys.responses.upkeep_views import bp as upkeep
from surveys.waves import mails, service
from surveys.waves.commands import audit_command
from surveys.waves.models import Issued
from surveys.waves.views import bp as waves


def connect(settings: Settings) -> None:
    """Connect the urn, once for casting and once for counting."""
    urn.connect(settings.urn_url, keeps_log=False)
    urn_tally.connect(settings.urn_tally_url or settings.urn_url, keeps_log=False)


def open_wave(now: datetime) -> str:
    """Open this month's wave when it is due. Keys still missing are made before: writers need not wait."""
    with db.reading() as session:
        needed = keys.due(session, now, zone=settings().zone)
    keys.stock(db.main, needed)
    with db.writing() as session:
        wave = service.open_due(session, now, zone=settings().zone, k=settings().min_respondents)
        if wave:
            keys.assign(session, wave)
        return f"opened the wave of {written(wave.month)}" if wave else "no wave to open"


def invite_to_wave(now: datetime) -> str:
    """Queue a mail to everybody who can draw a ballot of the open wave and has none yet."""
    return _mailed(now, mails.invite_some, "invitations")


def remind_of_wave(now: datetime) -> str:
    """Queue reminders on the last working days of the open wave to those who have drawn no ballot."""
    return _mailed(now, mails.remind_some, "reminders")


def _mailed(now: datetime, some: Callable[..., mails.Done], what: str) -> str:
    """Queue mails of the open wave in transactions of a few: nobody who answers waits long for them."""
    known = settings()
    with db.reading() as session:
        wave = service.taking_answers(session, now)
        root = (keys.fingerprint(session, wave.month) or "") if wave else ""
    if wave is None:
        return "no open wave"
    secret = known.secret_key.get_secret_value() if known.secret_key else ""
    head = mails.Letterhead(known.site_url, root, secret, known.zone)
    queued, after = 0, 0
    while True:
        with db.writing() as session:
            done = some(session, wave, now, head=head, after=after)
        queued += done.queued
        if done.last is None:
            return f"{queued} {what} queued"
        after = done.last


def forget_mails(now: datetime) -> str:
    """Delete the mails of waves that ended a month ago."""
    with db.writing() as session:
        return f"{mails.forget(session, now)} mails of waves deleted"


def close_waves(now: datetime) -> str:
    """Close the waves that are over and count them into the ledger.

    Three steps, each of which may be done again: take no more answers; write the urn and the list of who
    answered anew in the order of their keys; count, and post the counts in one transaction.
    """
    with db.writing() as session:
        service.close_due(session, now)
    with db.reading() as session:
        months = service.to_be_tallied(session, now)
    if not months:
        return "no wave to count"
    _rewrite()
    scores = 0
    for month in months:
        with db.reading() as session:
            asked = count.asked(session, month)
        with urn_tally.reading() as box:
            tallies = tally(box, month, asked)
        with db.night.writing() as session:  # the web's role reads no sum
            scores += count.post(session, month, tallies, now)
    return f"counted {', '.join(map(written, months))}: {scores} scores"


def make_keys(now: datetime) -> str:
    """Make the keys of the next wave ahead, some each hour: a big organisation needs many."""
    day = now.astimezone(settings().zone).date()
    with db.reading() as session:
        needed = keys.wanted(session, month_of(day), day)
    return f"{keys.stock(db.main, needed, most=keys.AN_HOUR)} keys made"


def destroy_keys(now: datetime) -> str:
    """Destroy the keys that nobody can draw a ballot with any more."""
    with db.writing() as session:
        return f"{keys.forget(session, now)} keys destroyed"


def rewrite_urn(now: datetime) -> str:
    """Write urn and issuing list anew in the order of their keys, as soon as enough new ballots are there."""
    with db.reading() as session:
        waves = {wave.month: wave.threshold for wave in service.being_cast(session)}
    with urn_tally.reading() as box:
        counts = {month: arrived(box, month) for month in waves}
    if not any(new >= waves[month] for month, (_, new) in counts.items()):
        return "nothing to write anew"
    _rewrite()
    with urn_tally.writing() as box:
        for month, (there, _) in counts.items():
            note_rewritten(box, month, there)
    return "written anew"


def _rewrite() -> None:
    rewrite(urn_tally, Ballot, Remark, Code)
    rewrite(db.night, Issued, UnitKey)


def purge(now: datetime) -> str:
    """Delete for good what has lived long enough, and keep the proof of it.

    The proof of what goes from the urn is written first: broken off in between, the next run finds the same
    rows, proves the same and goes on.
    """
    today = now.astimezone(settings().zone).date()
    with db.reading() as session:
        due = retention.due(session, now)
    gone = [
        f"{what} of {written(month)}" for what in due for month in due[what] if _purged(what, month, today)
    ]
    if gone:
        _rewrite()
    return f"purged {', '.join(gone) or 'nothing'}"


def _purged(what: str, month: date, today: date) -> bool:
    if what not in retention.IN_THE_URN:
        with db.writing() as session:
            rows, digest = retention.destroy_list(session, month)
            if rows:
                retention.prove(session, what, month, rows, digest, today)
        return rows > 0
    with urn_tally.reading() as box:
        rows, digest = retention.condemned(box, what, month)
    if rows:
        with db.writing() as session:
            retention.prove(session, what, month, rows, digest, today)
        with urn_tally.writing() as box:
            retention.destroy(box, what, month)
    return rows > 0


def count_responses(now: datetime) -> str:
    """Count customers' open months into the ledger."""
    with db.night.reading() as session:
        counts = counting.open_counts(session)
    with db.night.writing() as session:
        counting.post(session, counts)
    return f"{len({month for month, _ in counts})} open months counted"


def close_customer_months(now: datetime) -> str:
    """Close the customer months that ended a few days ago."""
    with db.night.reading() as session:
        zone = settings().zone
        if not any(counting.is_over(month, now, zone) for month, _ in counting.open_counts(session)):
            return "no month to close"
    with db.night.writing() as session:
        months = counting.close_due(session, now, zone=zone, k=settings().min_respondents)
    return f"closed {', '.join(map(written, months)) or 'none'}"


def forget_arrivals(now: datetime) -> str:
    """Delete yesterday's salt, and counts of answers by open links that no hour needs any more."""
    with db.writing() as session:
        arrivals.forget(session, now)
    return "old salts and counts forgotten"


def count_months_again(now: datetime) -> str:
    """Count closed customer months again from which answers were erased, or to which some were let in."""
    with db.night.reading() as session:
        months = counting.asked_again(session)
        counts = {
            key: sums for month in months for key, sums in counting.closed_counts(session, month).items()
        }
    if not months:
        return "no month to count again"
    with db.night.writing() as session:
        counting.count_again(session, months, counts, now, k=settings().min_respondents)
    return f"counted again {', '.join(map(written, months))}"


def forget_customers(now: datetime) -> str:
    """Forget whose interactions those of long ago were."""
    with db.writing() as session:
        return customers.forget(session, now, rest=timedelta(days=settings().rest_days))


def open_cases(now: datetime) -> str:
    """Open cases for customers who agreed to be contacted."""
    with db.writing() as session:
        return f"{cases_service.open_wished(session, now, zone=settings().zone)} cases opened"


def forget_cases(now: datetime) -> str:
    """Forget customers whose case is over, and what customers wrote a year ago."""
    with db.writing() as session:
        customers, words = case_retention.forget(session, now)
    return f"{customers} customers of cases and the words of {words} answers forgotten"


def tell_customers(now: datetime) -> str:
    """Tell customers who agreed to be contacted what became of what they named."""
    with db.reading() as session:
        if not news.concerning(session, named=proposals_service.named(session)):
            return "nobody to tell"
    with db.writing() as session:
        told = news.tell(session, now, known=settings(), named=proposals_service.named(session))
    return f"{told} customers told"


def group_words(now: datetime) -> str:
    """Group what customers wrote in their own words into proposed irritants."""
    from surveys.proposals import nightly as night  # scikit-learn: only who runs the night needs it

    return night.regroup(db.night, now, now.astimezone(settings().zone).date())


def send_messages(now: datetime) -> str | None:
    """Send some of the messages that are due."""
    return send_due(db.main, settings(), now)


def forget_messages(now: datetime) -> str:
    """Delete what was sent to customers a month ago, with their addresses."""
    with db.writing() as session:
        return f"{message_retention.forget(session, now)} messages to customers deleted"


BLUEPRINTS: Sequence[Blueprint] = (
    waves,
    invitations,
    responses,
    upkeep,
    cases,
    proposals,
    ballots,
    codes,
    doors,
    imports,
    api,
    delivery,
)
COMMANDS: Sequence[click.Command] = (
    db_group,
    load_command,
    people_command,
    interactions_command,
    demo_command,
    invite,
    clock,
    audit_command,
    codes_command,
)
JOBS: Sequence[Job] = (
    Job("open the wave", hourly, open_wave),
    Job("invite to the wave", hourly, invite_to_wave),
    Job("remind of the wave", hourly, remind_of_wave),
    Job("forget mails of waves", nightly, forget_mails),
    Job("close and count waves", hourly, close_waves),
    Job("make keys", hourly, make_keys),
    Job("destroy keys", hourly, destroy_keys),
    Job("write the urn anew", hourly, rewrite_urn),
    Job("purge", nightly, purge),
    Job("forget customers", nightly, forget_customers),
    Job("count responses", hourly, count_responses),
    Job("close customer months", hourly, close_customer_months),
    Job("count months again", hourly, count_months_again),
    Job("forget messages", nightly, forget_messages),
    Job("open cases", hourly, open_cases),
    Job("forget cases", hourly, forget_cases),
    Job("tell customers", hourly, tell_customers),
    Job("group words", nightly, group_words),
    Job("forget arrivals", hourly, forget_arrivals),
)
WATCHES: Sequence[Watch] = (Watch("send messages", timedelta(seconds=2), send_messages),)
MENU: Sequence[MenuItem] = (
    MenuItem("surveys.invitations.customers", _("Invitations"), Section.CUSTOMERS),
    MenuItem("surveys.doors.listing", _("Open links"), Section.CUSTOMERS),
    MenuItem("surveys.cases.cases", _("Cases"), Section.CUSTOMERS),
    MenuItem("surveys.proposals.proposals", _("New irritants"), Section.CUSTOMERS),
    MenuItem("surveys.upkeep.held", _("Held answers"), Section.CUSTOMERS),
    MenuItem("surveys.upkeep.erase", _("Erase an answer"), Section.CUSTOMERS),
    MenuItem("surveys.responses.pulse", _("My pulse"), Section.EMPLOYEES),
    MenuItem("surveys.waves.calendar", _("Waves"), Section.EMPLOYEES),
    MenuItem("surveys.codes.sheets", _("Printed codes"), Section.EMPLOYEES),
    MenuItem("surveys.delivery.messages", _("Messages"), Section.INSTALLATION),
)
ERRORS: Sequence[ErrorPage] = (
    ErrorPage(NotInvited, 404, "surveys/responses/not_invited.html"),
    ErrorPage(NotAnAnswer, 400, "surveys/responses/not_an_answer.html"),
    ErrorPage(NotUsable, 404, "surveys/responses/not_usable.html"),
    ErrorPage(NotCast, 403, "surveys/responses/tied.html"),
    ErrorPage(issuing.Drawn, 200, "surveys/responses/answered.html"),
    ErrorPage(issuing.NotAsked, 200, "surveys/responses/not_asked.html"),
    ErrorPage(issuing.ByCode, 200, "surveys/responses/by_code.html"),
    ErrorPage(NoWave, 200, "surveys/responses/no_wave.html"),
    ErrorPage(proposals_service.AlreadyDecided, 409, "surveys/proposals/decided.html"),
    ErrorPage(AlreadyMade, 409, "surveys/codes/not_made.html"),
    ErrorPage(NoSuchUnit, 404, "surveys/codes/not_made.html"),
)
# Run before a customer's answer is erased, by its id.
FORGET: Sequence[Forget] = (case_retention.forget_answer,)


def remember_to_forget(app: Flask) -> None:
    """Tell the page that erases answers what rooms below keep of them."""
    app.extensions["surveys.forget"] = FORGET


def remember_who_named(app: Flask) -> None:
    """Tell the page of a case who named an irritant in their own words, which the room below knows."""
    app.extensions["surveys.named"] = proposals_service.named


SET_UP: Sequence[Callable[[Flask], None]] = (remember_to_forget, remember_who_named)
