"""What analysts read: the overview, the fixes and the flags."""

from flask import Blueprint, Response

from pulse.people.login import ANALYSTS
from pulse.web import for_grant, render

bp = Blueprint("dashboards", __name__)


@bp.get("/dashboard")
@for_grant(*ANALYSTS)
def overview() -> Response:
    """What became of all fixes."""
    return render()


@bp.get("/fixes")
@for_grant(*ANALYSTS)
def fixes() -> Response:
    """All fixes."""
    return render()


@bp.get("/flags")
@for_grant(*ANALYSTS)
def flags() -> Response:
    """Fixes that moved an irritant onto staff."""
    return render()
