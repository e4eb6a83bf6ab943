"""The value chain as a file: the links that are on view, the teams, and the ways of burdens. Pure."""

from collections.abc import Sequence

from pulse.dashboards.chain import Burden, Chain, Row
from pulse.exports import Book, Column, Sheet, Value
from pulse.i18n import gettext as _
from pulse.i18n import language
from pulse.organisation.chain import CUSTOMERS


def book(chain: Chain, links: Sequence[Row], about: Sequence[tuple[str, str]]) -> Book:
    """Links, teams and ways, as sheets."""
    return Book("value-chain", about, [_links(chain, links), _teams(chain), _ways(chain)])


def _links(chain: Chain, links: Sequence[Row]) -> Sheet:
    columns = [
        Column("supplier", _("Supplier (code)")),
        Column("supplier_name", _("Supplier")),
        Column("supplier_hops", _("Hops of the supplier")),
        Column("customer", _("Works for (code)")),
        Column("customer_name", _("Works for")),
        Column("customer_hops", _("Hops of the team it works for")),
        Column("fixes", _("Fixes whose burden went along it (codes)")),
    ]
    rows: list[list[Value]] = [
        [
            row.supplier,
            _name(chain, row.supplier),
            row.supplier_hops,
            row.customer or CUSTOMERS,
            _name(chain, row.customer),
            row.customer_hops,
            " | ".join(burden.fix for burden in row.burdens) or None,
        ]
        for row in links
    ]
    return Sheet("links", _("Links"), columns, rows)


def _teams(chain: Chain) -> Sheet:
    columns = [
        Column("team", _("Code")),
        Column("name", _("Team")),
        Column("hops", _("Hops")),
        Column("cut_off", _("Cut off from the customers")),
    ]
    rows: list[list[Value]] = [
        [code, _name(chain, code), chain.hops.get(code), code not in chain.hops] for code in chain.teams
    ]
    return Sheet("teams", _("Teams"), columns, rows)


def _ways(chain: Chain) -> Sheet:
    points = _("points")
    columns = [
        Column("fix", _("Fix (code)")),
        Column("fix_name", _("Fix")),
        Column("from_team", _("From (code)")),
        Column("landing_team", _("Where it landed (code)")),
        Column("way", _("Way (codes)")),
        Column("links", _("Links on the way")),
        Column("landing_effect", f"{_('Where it landed')} ({points})"),
        Column("landing_low", f"{_('Where it landed')} ({_('from')})"),
        Column("landing_high", f"{_('Where it landed')} ({_('to')})"),
    ]
    rows: list[list[Value]] = [
        [burden.fix, burden.name, way[0], way[-1], " | ".join(way), len(way) - 1, *_size(burden)]
        for burden in chain.burdens
        for way in chain.ways[burden.fix]
    ]
    return Sheet("burdens", _("Burdens"), columns, rows)


def _size(burden: Burden) -> tuple[Value, Value, Value]:
    return (burden.size.value, burden.size.low, burden.size.high) if burden.size else (None, None, None)


def _name(chain: Chain, team: str | None) -> str:
    if team is None:
        return _("Customers")
    return chain.teams[team].name(language()) if team in chain.teams else team
