"""Plotly's figures, as the plain data its script reads; pages take them from here.

look -- what all of them share; regions -- the overview's; evidence -- a fix's; change -- a change's
"""

from pulse.dashboards.figures.change import change
from pulse.dashboards.figures.evidence import SIDES, Row, evidence, rows
from pulse.dashboards.figures.look import Figure
from pulse.dashboards.figures.regions import Point, regions

__all__ = ["SIDES", "Figure", "Point", "Row", "change", "evidence", "regions", "rows"]
