"""Whether it works: for balancers (healthz, readyz), Prometheus (metrics) and administrators (status)."""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, request

from config import OWN_MACHINE, Settings, settings
from pulse.people.models import Grant
from pulse.scheduler import Job, Watch
from pulse.web import for_grant, open_to_all, render
from surveys.watching import checks, metrics, refusals, status
from surveys.watching.check import State

bp = Blueprint("watching", __name__)
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


@bp.get("/healthz")
@open_to_all
def healthz() -> Response:
    """This process answers. No database is asked: one that is away is no reason to start anew."""
    return _plain("ok\n")


@bp.get("/readyz")
@open_to_all
def readyz() -> Response:
    """Whether this server can do its work: 200 or 503, with the names of what was looked at and no more.

    Both databases, their migrations, and whether anybody runs jobs. A balancer asks /readyz?web, which leaves
    that last one out: without a clock answers are taken as ever.
    """
    refusals.counted.write()
    found = checks.readiness(datetime.now(UTC), clock="web" not in request.args)
    lines = "".join(f"{check.name}: {check.state.value}\n" for check in found)
    return _plain(lines, 503 if checks.fails(found) else 200)


@bp.get("/metrics")
@open_to_all
def figures() -> Response:
    """All figures for Prometheus: for whoever shows the token, or, while tried out, for one's own machine."""
    if not _may_read(settings()):
        abort(404)
    refusals.counted.write()
    now = datetime.now(UTC)
    found = metrics.Figures(now, _jobs(), checks.readiness(now), zone=settings().zone)
    response = Response(metrics.page(found))
    response.headers["Content-Type"] = metrics.TYPE
    return response


def _may_read(known: Settings) -> bool:
    if known.metrics_token is not None:
        wanted = f"Bearer {known.metrics_token.get_secret_value()}"
        shown = request.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), wanted.encode())
    # Behind a proxy everybody seems to be this machine, and not every proxy says that it is one.
    at_home = urlsplit(known.site_url).hostname in OWN_MACHINE and known.proxies == 0
    return at_home and _is_this_machine() and not any(name in request.headers for name in FORWARDED)


def _is_this_machine() -> bool:
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


@bp.get("/status")
@for_grant(Grant.ADMIN)
def overview() -> Response:
    """How the installation is: what needs somebody, every check, every job, clocks, messages."""
    now, known = datetime.now(UTC), settings()
    found = checks.everything(now, known, _jobs(), asks_mail_server=False)
    told = None
    if not checks.fails(found, "database", "urn", "migrations"):
        told = status.told(now, _jobs(), _watches(), known, found)
    matters = told.matters if told else list(status.matters(found, []))
    return render(
        now=status.moment(now),
        checks=found,
        matters=matters,
        worst=matters[0].state if matters else State.OK,
        State=State,
        told=told,
    )


def _jobs() -> Sequence[Job]:
    jobs: Sequence[Job] = current_app.extensions["pulse.jobs"]
    return jobs


def _watches() -> Sequence[Watch]:
    watches: Sequence[Watch] = current_app.extensions["pulse.watches"]
    return watches


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status, content_type="text/plain; charset=utf-8")
