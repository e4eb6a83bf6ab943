"""The audit on screen: who did what, the newest first, and whether its chain holds."""

from flask import request
from flask.typing import ResponseReturnValue

from pulse import db
from pulse.people import audit as chain
from pulse.people.account_views import DEEDS
from pulse.people.accounts import Search
from pulse.people.models import Grant
from pulse.people.views import bp
from pulse.web import for_grant, render

LOOKED_AT = 1000  # entries, whenever the page is opened; the night looks at all of them


@bp.get("/audit")
@for_grant(Grant.ADMIN, Grant.COUNCIL)
def audit() -> ResponseReturnValue:
    """Who did what to which thing. Answering is nowhere in it."""
    page = Search.read(request.args).page
    with db.reading() as session:
        found = chain.verify(session, newest=LOOKED_AT)
        deeds, pages = chain.page(session, page)
        return render(deeds=deeds, number=page, pages=pages, words=DEEDS, found=found)
