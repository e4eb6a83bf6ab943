"""A fix, and a closed month, as a document to hand over."""

from flask import Response, abort, request

from config import settings
from pulse import db
from pulse.dashboards.queries import evidence
from pulse.dashboards.views import bp
from pulse.downloads import attached
from pulse.months import parsed
from pulse.people.login import ANALYSTS
from pulse.web import for_grant

PDF = "application/pdf"


@bp.get("/fixes/<code>/pdf")
@for_grant(*ANALYSTS)
def fix_pdf(code: str) -> Response:
    """One fix as PDF: verdict, both effects, months, where it landed, what it rests on and its history."""
    from pulse.dashboards import fix_paper  # fonts and pictures: a worker that makes no PDF needs none

    with db.reading() as session:
        found = evidence(session, code)
        if found is None:
            abort(404)
        return attached(fix_paper.pdf(found, source=_source()), f"fix-{found.fix.code}.pdf", PDF)


@bp.get("/months/<written>/pdf")
@for_grant(*ANALYSTS)
def month_pdf(written: str) -> Response:
    """One closed month as PDF: verdicts, flags, every released figure, participation and the rule."""
    try:
        when = parsed(written)
    except ValueError:
        abort(404)
    from pulse.dashboards import month_paper

    with db.reading() as session:
        found = month_paper.told(session, when)
        if found is None:
            abort(404)
        return attached(month_paper.pdf(found, source=_source()), f"pulse-{written}.pdf", PDF)


def _source() -> str:
    """Whose figures these are, and where they are shown."""
    return f"{settings().asker} · {request.base_url.removesuffix('/pdf')}"
