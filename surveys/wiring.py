"""What the surveys package brings: its views, commands, jobs, menu lines and error pages."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import click
from flask import Blueprint, Flask

import pulse.wiring
from config import Settings, settings
from pulse.db import Terms
from pulse.i18n import lazy as _
from pulse.menu import MenuItem, Section
from pulse.scheduler import Job, Watch, hourly, nightly
from pulse.web import ErrorPage
from surveys import jobs
from surveys.api.result_views import bp as api
from surveys.ballots import issuing
from surveys.ballots.codes import AlreadyMade, NoSuchUnit
from surveys.ballots.urn import urn, urn_tally
from surveys.cases import retention as case_retention
from surveys.cases.views import bp as cases
from surveys.cli import db as db_group
from surveys.cli import demo_command
from surveys.clock import clock
from surveys.delivery.door_views import bp as doors
from surveys.delivery.views import bp as delivery
from surveys.imports.commands import load_command
from surveys.imports.interaction_commands import interactions_command
from surveys.imports.people import settled
from surveys.imports.people_commands import people_command
from surveys.imports.views import bp as imports
from surveys.invitations.commands import invite
from surveys.invitations.service import NotInvited
from surveys.invitations.views import bp as invitations
from surveys.keeping.commands import backup_command, restore_command
from surveys.proposals import service as proposals_service
from surveys.proposals.views import bp as proposals
from surveys.questions.kind import NotAnAnswer
from surveys.responses.ballots import NotCast
from surveys.responses.ballots import bp as ballots
from surveys.responses.codes import bp as codes
from surveys.responses.commands import codes_command
from surveys.responses.employee import NotUsable, NoWave
from surveys.responses.erasure import Forget
from surveys.responses.open_views import bp as responses
from surveys.responses.upkeep_views import bp as upkeep
from surveys.starting.views import bp as starting
from surveys.starting.views import first_page
from surveys.watching import logs, refusals, serving, watch
from surveys.watching.doctor import doctor
from surveys.watching.serving import serve
from surveys.watching.views import bp as watching
from surveys.waves.commands import audit_command
from surveys.waves.views import bp as waves


def connect(settings: Settings) -> None:
    """Connect the urn, once for casting and once for counting."""
    terms = Terms(settings.page_seconds, settings.connections)
    urn.connect(settings.urn_url, keeps_log=False, terms=terms)
    urn_tally.connect(settings.urn_tally_url or settings.urn_url, keeps_log=False, terms=terms)


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
    starting,
    api,
    delivery,
    watching,
)
COMMANDS: Sequence[click.Command] = (
    db_group,
    load_command,
    people_command,
    interactions_command,
    demo_command,
    invite,
    clock,
    serve,
    doctor,
    audit_command,
    codes_command,
    backup_command,
    restore_command,
)
JOBS: Sequence[Job] = (
    Job("open the wave", hourly, jobs.open_wave),
    Job("invite to the wave", hourly, jobs.invite_to_wave),
    Job("remind of the wave", hourly, jobs.remind_of_wave),
    Job("forget mails of waves", nightly, jobs.forget_mails),
    Job("close and count waves", hourly, jobs.close_waves),
    Job("make keys", hourly, jobs.make_keys),
    Job("destroy keys", hourly, jobs.destroy_keys),
    Job("write the urn anew", hourly, jobs.rewrite_urn),
    Job("purge", nightly, jobs.purge),
    Job("forget customers", nightly, jobs.forget_customers),
    Job("count responses", hourly, jobs.count_responses),
    Job("close customer months", hourly, jobs.close_customer_months),
    Job("count months again", hourly, jobs.count_months_again),
    Job("forget messages", nightly, jobs.forget_messages),
    Job("open cases", hourly, jobs.open_cases),
    Job("forget cases", hourly, jobs.forget_cases),
    Job("tell customers", hourly, jobs.tell_customers),
    Job("group words", nightly, jobs.group_words, needs="surveys.proposals.nightly"),
    Job("forget arrivals", hourly, jobs.forget_arrivals),
    Job("forget folders", hourly, jobs.forget_folders),
    Job("forget alerts", nightly, watch.forget),
)


def every_job() -> Sequence[Job]:
    """The jobs of both packages."""
    return [*pulse.wiring.JOBS, *JOBS]


WATCHES: Sequence[Watch] = (
    Watch("send messages", timedelta(seconds=2), jobs.send_messages),
    Watch("watch", timedelta(minutes=5), partial(watch.over, jobs=every_job)),
)
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
    MenuItem("surveys.watching.overview", _("Status"), Section.INSTALLATION),
    MenuItem("surveys.delivery.messages", _("Messages"), Section.INSTALLATION),
    MenuItem("surveys.starting.start", _("Getting started"), Section.INSTALLATION),
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


def remember_first_run(app: Flask) -> None:
    """Tell the page on which people start where an administrator goes before there is anything to read."""
    app.extensions["pulse.first_page"] = first_page


def remember_what_forbids_to_start(app: Flask) -> None:
    """Tell the clock, which stands above what looks at everything, when it may not start."""
    app.extensions["surveys.may_start"] = serving.may_start


def remember_settled(app: Flask) -> None:
    """Tell signing in up to which day nobody changes team: a sign-in service may name another one."""
    app.extensions["pulse.settled"] = lambda session: settled(session, settings().zone)


SET_UP: Sequence[Callable[[Flask], None]] = (
    remember_to_forget,
    remember_who_named,
    remember_first_run,
    remember_settled,
    remember_what_forbids_to_start,
    logs.set_up,
    refusals.set_up,
)
