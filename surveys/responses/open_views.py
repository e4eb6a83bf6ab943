"""The page behind an open link: on its own, and in a frame of the sites that may show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from config import settings
from pulse import db
from pulse.troubles import keeps_what_was_sent
from pulse.web import may_be_framed, open_to_all
from surveys.invitations import open_links
from surveys.responses import bursts, customer_views, open_door
from surveys.responses.customer_views import bp
from surveys.responses.page import Page
from surveys.responses.permission import Permission

KEPT = ("frame", "from")  # of the address: what says that a page is shown in a frame, and where


@dataclass(frozen=True)
class Frame:
    """A frame on another site that this page is shown in.

    site -- which one the address says it is, where that one may; the browser sees to it that no other does
    """

    site: str | None


@bp.context_processor
def _framed() -> dict[str, object]:
    return {"frame": g.get("frame")}


@bp.route("/o/<secret>", methods=["GET", "POST"])
@open_to_all
@keeps_what_was_sent
def open_survey(secret: str) -> ResponseReturnValue:
    """The survey behind an open link: anybody may answer, each page once."""

    def find(session: Session, page: Page, now: datetime) -> Permission:
        here = bursts.client(
            request.remote_addr, request.headers.get("X-Forwarded-For", ""), settings().proxies
        )
        return open_door.permission(session, secret, page, now, address=here, key=_key())

    def thanks(erasing: str) -> str:
        kept: dict[str, Any] = {name: request.args[name] for name in KEPT if name in request.args}
        return url_for("surveys.responses.open_thanks", secret=secret, erasing=erasing, **kept)

    _let_be_framed(secret)
    return customer_views.answer(secret, find, thanks=thanks)


@bp.get("/o/<secret>/thanks/<erasing>")
@open_to_all
def open_thanks(secret: str, erasing: str) -> ResponseReturnValue:
    """Thanks to a customer who came by an open link, in the frame they answered in."""
    _let_be_framed(secret)
    return customer_views.thanked(erasing)


def _let_be_framed(secret: str) -> None:
    """Allow the sites of a link to show this page in a frame, where it was asked for in one."""
    if "frame" not in request.args:
        return
    with db.reading() as session:
        origins = open_links.look(session, secret).origins
    if origins:
        may_be_framed(origins)
    site = request.args.get("from")
    g.frame = Frame(site if site in origins else None)


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])
