"""The page of the value chain: all of it, the neighbourhood of one team, or the way of one burden."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from config import settings
from pulse import db, downloads
from pulse.dashboards import chain_files, chain_layout, chain_queries, files, queries
from pulse.dashboards.chain import Chain, Part, along, around, found, rows, whole
from pulse.dashboards.views import bp
from pulse.people import service
from pulse.people.login import ANALYSTS
from pulse.web import for_grant, render

PAGE = 50  # links of the table
LISTED = 60  # teams found by a search
NUMBERED = 10  # burdens drawn over the dots of a big chain, and told below it


@dataclass(frozen=True)
class Wanted:
    """What an address asks to see; hops -- the teams at this distance, listed."""

    team: str = ""
    fix: str = ""
    search: str = ""
    hops: int | None = None
    page: int = 1

    @classmethod
    def read(cls) -> "Wanted":
        """What this request asks for; what it cannot mean counts as not said."""
        said = {name: request.args.get(name, "").replace("\0", "") for name in ("team", "fix", "search")}
        hops, page = request.args.get("hops", "")[:3], request.args.get("page", "")[:6]
        return cls(
            **{name: value.strip()[:200] for name, value in said.items()},
            hops=int(hops) if hops.isdecimal() else None,
            page=max(1, int(page)) if page.isdecimal() else 1,
        )

    @property
    def query(self) -> dict[str, str]:
        """The same as an address says it, without the page."""
        hops = "" if self.hops is None else str(self.hops)
        said = {"team": self.team, "fix": self.fix, "search": self.search, "hops": hops}
        return {name: value for name, value in said.items() if value}

    def to(self, *, page: int) -> dict[str, str]:
        """The address of another page of the same."""
        return {**self.query, **({"page": str(page)} if page > 1 else {})}


@bp.get("/chain")
@for_grant(*ANALYSTS)
def value_chain() -> ResponseReturnValue:
    """Who works for whom up to the customers, and where fixes moved a burden."""
    wanted = Wanted.read()
    with db.reading() as session:
        known = chain_queries.chain(session, service.today())
        if wanted.team and wanted.team not in known.teams:
            return _unit(session, wanted)
        if wanted.fix:
            known = _of_fix(session, known, wanted.fix)
        matching = found(known, wanted.search) if wanted.search else []
        if len(matching) == 1:
            return redirect(url_for("pulse.dashboards.value_chain", team=matching[0].code))
        part = _part(known, wanted)
        links = rows(known, part if wanted.team or wanted.fix else None, wanted.team)
        if kind := downloads.wanted():
            about = files.about(
                queries.standing(session),
                organisation=settings().asker,
                address=request.base_url,
                chosen=list(wanted.query.values()),
            )
            return downloads.sent(chain_files.book(known, links, about), kind)
        return render(
            chain=known,
            wanted=wanted,
            matching=matching,
            part=part,
            layout=_layout(known, part) if part else None,
            overview=None if part else chain_layout.panels(known.bands),
            rows=links[(wanted.page - 1) * PAGE : wanted.page * PAGE],
            number=len(links),
            pages=-(-len(links) // PAGE),
            standing=queries.standing(session),
            **_parts(),
        )


def _parts() -> dict[str, Any]:
    """What the drawing is made with."""
    return {
        "wrapped": chain_layout.wrapped,
        "curve": chain_layout.curve,
        "box": chain_layout,
        "listed_at_most": LISTED,
        "numbered": NUMBERED,
        "told": NUMBERED,
    }


def _unit(session: Session, wanted: Wanted) -> Response:
    """The page of a team that is on no link, because it only groups teams or is closed."""
    unit = chain_queries.unit(session, wanted.team)
    if unit is None:
        abort(404)
    return render(page="pulse.dashboards.chain_unit", unit=unit[0], below=unit[1])


def _of_fix(session: Session, known: Chain, code: str) -> Chain:
    """The chain with the burden of one fix alone."""
    if not chain_queries.has_fix(session, code):
        abort(404)
    return replace(known, burdens=tuple(burden for burden in known.burdens if burden.fix == code))


def _part(known: Chain, wanted: Wanted) -> Part | None:
    if wanted.team:
        return around(known, wanted.team)
    if wanted.fix and known.burdens:
        return along(known, known.burdens[0])
    return whole(known)


def _layout(known: Chain, part: Part) -> chain_layout.Layout:
    return chain_layout.laid_out({team: known.hops.get(team) for team in part.teams}, part.links(known))
