"""Where the teams of a value chain stand in its picture: columns by hops, few crossings. Pure.

The four steps of Sugiyama, Tagawa and Toda (1981, IEEE Trans. SMC 11, 109): columns; links that pass a column
get a bend in it; each column in the order of the middle of its neighbours; then each as straight across from
them as its column allows.
"""

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pulse.organisation.chain import Link

WIDTH, HEIGHT = 196.0, 60.0  # of a box
ACROSS, BELOW = 72.0, 14.0  # between columns (at least), between boxes
ROOM = 1036.0  # what a picture fills where it can
BEND = 12.0  # how much room a link takes that passes through a column
HEAD = 34.0  # above the boxes, for the name of each column
EDGE = 44.0  # how far links within a column reach to its left
SWEEPS = 8
CUSTOMERS = ""  # the box of the customers; no team has an empty code

Bend = tuple[str, str, int]  # supplier, customer, column
Node = str | Bend


@dataclass(frozen=True)
class Box:
    """A team's place, or that of the customers: its upper left corner."""

    team: str
    x: float
    y: float

    @property
    def middle(self) -> float:
        """How far down its middle is."""
        return self.y + HEIGHT / 2


@dataclass(frozen=True)
class Wire:
    """A link as the path of an SVG, from the supplier to the customer, and where its middle is."""

    supplier: str
    customer: str
    path: str
    back: str  # the same the other way round
    middle: tuple[float, float]


@dataclass(frozen=True)
class Column:
    """A column by the hops of its teams; None = no way leads from them to the customers."""

    hops: int | None
    x: float


@dataclass(frozen=True)
class Layout:
    """A picture of a piece of the chain, the customers on its right."""

    width: float
    height: float
    columns: tuple[Column, ...]
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]


def laid_out(teams: Mapping[str, int | None], links: Sequence[Link[str]]) -> Layout:
    """Where to draw some teams and the links between them.

    teams -- hops to the customers by code; None = cut off, drawn furthest away
    links -- (supplier, customer), both among the teams; customer None = the customers
    """
    far = max((hops for hops in teams.values() if hops is not None), default=0) + 1
    place = {team: far if hops is None else hops for team, hops in teams.items()}
    edges = sorted({(supplier, customer or CUSTOMERS) for supplier, customer in links})
    if any(customer == CUSTOMERS for _, customer in edges):
        place[CUSTOMERS] = 0
    ranks = {hops: rank for rank, hops in enumerate(sorted(set(place.values())))}
    column = {team: ranks[hops] for team, hops in place.items()}
    routes = [_route(edge, column) for edge in edges]
    rows = _ordered(_columns(column, routes), routes)
    top = _heights(rows, routes)
    edge = EDGE if any(column[one] == column[other] == len(rows) - 1 for one, other in edges) else 2.0
    across = _across(len(rows), edge)
    wide = edge + max(len(rows), 1) * (WIDTH + across) - across
    left = {rank: wide - WIDTH - rank * (WIDTH + across) for rank in range(len(rows))}
    boxes = {team: Box(team, left[column[team]], round(top[team], 1)) for team in sorted(column)}
    bottom = max((box.y + HEIGHT for box in boxes.values()), default=HEAD)
    bottom = max([bottom, *(at + BEND for node, at in top.items() if not isinstance(node, str))])
    heads = {rank: None if hops == far else hops for hops, rank in ranks.items()}
    return Layout(
        wide + 4,
        bottom + 6,
        tuple(Column(hops, left[rank]) for rank, hops in sorted(heads.items())),
        tuple(boxes.values()),
        tuple(_wire(edge, route, boxes, left, top) for edge, route in zip(edges, routes, strict=True)),
    )


def _across(columns: int, edge: float) -> float:
    """How far apart columns stand: as wide as there is room for, within reason."""
    free = (ROOM - edge - columns * WIDTH) / max(columns - 1, 1)
    return min(max(free, ACROSS), 2 * WIDTH)


def _route(edge: tuple[str, str], column: Mapping[str, int]) -> list[Node]:
    """A link from its supplier over the columns between to its customer."""
    supplier, customer = edge
    start, end = column[supplier], column[customer]
    step = 1 if end > start else -1
    return [
        supplier,
        *((supplier, customer, between) for between in range(start + step, end, step)),
        customer,
    ]


def _columns(column: Mapping[str, int], routes: Sequence[Sequence[Node]]) -> list[list[Node]]:
    rows: list[list[Node]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for team in sorted(column):
        rows[column[team]].append(team)
    for route in routes:
        for node in route:
            if not isinstance(node, str):
                rows[node[2]].append(node)
    return rows


def _beside(rows: Sequence[Sequence[Node]], routes: Sequence[Sequence[Node]]) -> dict[Node, list[list[Node]]]:
    """What each node is joined to in the column before it and in the one after it."""
    at = {node: rank for rank, row in enumerate(rows) for node in row}
    found: dict[Node, list[list[Node]]] = {node: [[], []] for node in at}
    for route in routes:
        for one, other in pairwise(route):
            if at[one] != at[other]:
                found[one][at[other] > at[one]].append(other)
                found[other][at[one] > at[other]].append(one)
    return found


def _ordered(rows: list[list[Node]], routes: Sequence[Sequence[Node]]) -> list[list[Node]]:
    """Each column in an order in which few links cross: the best of some sweeps to and fro."""
    beside = _beside(rows, routes)
    best, fewest = rows, _crossings(rows, beside)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        rows = [list(row) for row in rows]
        from_before = sweep % 2 == 0
        order = range(1, len(rows)) if from_before else range(len(rows) - 2, -1, -1)
        for rank in order:
            other = rows[rank - 1 if from_before else rank + 1]
            _sort(rows[rank], {node: at for at, node in enumerate(other)}, beside, 0 if from_before else 1)
        crossings = _crossings(rows, beside)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _sort(
    row: list[Node], at: Mapping[Node, int], beside: Mapping[Node, list[list[Node]]], which: int
) -> None:
    """Order a column by the mean place of what each node is joined to; those joined to nothing stay."""
    mean = {
        node: sum(at[other] for other in beside[node][which]) / len(beside[node][which])
        for node in row
        if beside[node][which]
    }
    moving = iter(sorted(mean, key=mean.__getitem__))
    row[:] = [next(moving) if node in mean else node for node in row]


def _crossings(rows: Sequence[Sequence[Node]], beside: Mapping[Node, list[list[Node]]]) -> int:
    """How many links cross between the columns: pairs that are in another order at their other ends."""
    total = 0
    for row, following in pairwise(rows):
        at = {node: place for place, node in enumerate(following)}
        seen: list[int] = []
        for node in row:
            ends = sorted(at[other] for other in beside[node][1])
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _heights(rows: Sequence[Sequence[Node]], routes: Sequence[Sequence[Node]]) -> dict[Node, float]:
    """How far down each node begins: near the middle of what it is joined to, in the order of its column."""
    beside = _beside(rows, routes)
    middle: dict[Node, float] = {}
    for row in rows:
        at = -sum(_room(node) for node in row) / 2
        for node in row:
            middle[node] = at + _room(node) / 2
            at += _room(node)
    for sweep in range(SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = [_wish(node, beside, middle) for node in row]
            middle |= dict(zip(row, _apart(row, wanted), strict=True))
    top = min((middle[node] - _room(node) / 2 for row in rows for node in row), default=0.0)
    return {node: HEAD + at - top - _room(node) / 2 for node, at in middle.items()}


def _room(node: Node) -> float:
    return HEIGHT + BELOW if isinstance(node, str) else BEND


def _wish(node: Node, beside: Mapping[Node, list[list[Node]]], middle: Mapping[Node, float]) -> float:
    joined = [middle[other] for side in beside[node] for other in side]
    return sum(joined) / len(joined) if joined else middle[node]


def _apart(row: Sequence[Node], wanted: Sequence[float]) -> list[float]:
    """The places nearest to those wanted at which nothing overlaps and the order holds.

    Least squares under an order: neighbours that would overlap are pooled (Ayer et al. 1955, Ann. Math.
    Stat. 26, 641).
    """
    offsets, at = [], 0.0
    for node in row:
        offsets.append(at + _room(node) / 2)
        at += _room(node)
    pools: list[tuple[float, int]] = []  # mean of the starts wanted, and of how many
    for wish, offset in zip(wanted, offsets, strict=True):
        mean, size = wish - offset, 1
        while pools and pools[-1][0] > mean:
            before, more = pools.pop()
            mean, size = (before * more + mean * size) / (more + size), more + size
        pools.append((mean, size))
    starts = [mean for mean, size in pools for _ in range(size)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def _wire(
    edge: tuple[str, str],
    route: Sequence[Node],
    boxes: Mapping[str, Box],
    left: Mapping[int, float],
    top: Mapping[Node, float],
) -> Wire:
    start, end = boxes[edge[0]], boxes[edge[1]]
    if start.x == end.x:  # an arc on the left of the column
        points = [(start.x, start.middle), (start.x - EDGE, start.middle)]
        points += [(end.x - EDGE, end.middle), (end.x, end.middle)]
        middle = (start.x - EDGE * 0.75, (start.middle + end.middle) / 2)
        return Wire(*edge, _curve(points), _curve(points[::-1]), middle)
    rightwards = end.x > start.x
    knots = [(start.x + WIDTH if rightwards else start.x, start.middle)]
    for node in route[1:-1]:
        assert not isinstance(node, str)
        across, down = left[node[2]], round(top[node] + BEND / 2, 1)
        knots += [(across, down), (across + WIDTH, down)][:: 1 if rightwards else -1]
    knots.append((end.x if rightwards else end.x + WIDTH, end.middle))
    points = [knots[0]]
    for (x1, y1), (x2, y2) in pairwise(knots):
        half = (x1 + x2) / 2
        points += [(half, y1), (half, y2), (x2, y2)]
    (x1, y1), (x2, y2) = knots[-2:]
    return Wire(*edge, _curve(points), _curve(points[::-1]), ((x1 + x2) / 2, (y1 + y2) / 2))


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """A path through every third of some points, the two between them drawing it to their side."""
    first, *further = (f"{x:g},{y:g}" for x, y in points)
    return f"M{first}C{' '.join(further)}"


@dataclass(frozen=True)
class Band:
    """All teams at one distance, each a dot: where the first one is, and how many stand in a row."""

    hops: int
    number: int
    x: float
    y: float
    width: float
    height: float
    dots: str  # the path of all of them


@dataclass(frozen=True)
class Overview:
    """The chain as one panel of dots for each distance, the customers on the right."""

    width: float
    height: float
    gap: float  # between panels
    bands: tuple[Band, ...]
    customers: tuple[float, float]  # upper left corner of their panel
    dots: Mapping[str, tuple[float, float]]


PITCH, ABREAST = 15.0, 13  # between dots; dots in a row
PANEL, PANEL_HEAD, GAP, MOST_GAP = PITCH * (ABREAST + 1), 62.0, 64.0, 140.0
CUSTOMER_PANEL = 150.0


def panels(bands: Sequence[tuple[int, Sequence[str]]]) -> Overview:
    """Where the dot of each team is, for more teams than can be named.

    bands -- (hops, teams), the nearest first
    """
    high = max((_high(len(teams)) for _, teams in bands), default=PANEL_HEAD)
    gap = (ROOM - CUSTOMER_PANEL) / max(len(bands), 1) - PANEL
    gap = min(max(gap, GAP), MOST_GAP)
    width = len(bands) * (PANEL + gap) + CUSTOMER_PANEL
    found, dots = [], {}
    for rank, (hops, teams) in enumerate(bands):
        x, tall = (len(bands) - 1 - rank) * (PANEL + gap), _high(len(teams))
        y = (high - tall) / 2
        for place, team in enumerate(teams):
            down, across = divmod(place, ABREAST)
            dots[team] = (x + PITCH * (across + 1), y + PANEL_HEAD + PITCH * down)
        path = "".join(f"M{dots[team][0]:g},{dots[team][1]:g}h0" for team in teams)
        found.append(Band(hops, len(teams), x, y, PANEL, tall, path))
    return Overview(width, high, gap, tuple(found), (width - CUSTOMER_PANEL, (high - 90) / 2), dots)


def _high(number: int) -> float:
    return PANEL_HEAD + PITCH * -(-number // ABREAST) + 6


def curve(start: tuple[float, float], end: tuple[float, float]) -> str:
    """A line from one dot to another, bowed when they are in the same panel."""
    (x1, y1), (x2, y2) = start, end
    half = (x1 + x2) / 2
    return _curve([(x1, y1), (half, y1), (half, y2), (x2, y2)])


def wrapped(name: str, *, width: int = 23, lines: int = 3) -> list[str]:
    """A name on some lines of so many characters; what has no room ends in an ellipsis."""
    found = [""]
    for word in name.split():
        for piece in [word[at : at + width] for at in range(0, len(word), width)]:
            longer = f"{found[-1]} {piece}".strip()
            if len(longer) <= width:
                found[-1] = longer
            else:
                found.append(piece)
    if len(found) > lines:
        found = found[:lines]
        found[-1] = found[-1][: width - 1].rstrip(" ,") + "…"
    return found
