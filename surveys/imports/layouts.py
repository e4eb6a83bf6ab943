"""The files of a company folder and their columns: the contract of design.md, as data."""

import sys
from dataclasses import dataclass

MONTH_OR_DAY = ("month", "answered_on")  # either tells the month of an answer; the first where both are there


@dataclass(frozen=True)
class Layout:
    """One file.

    required -- columns that must be there; a column may also be a pair of which one must be
    needed -- the folder must hold the file
    filled -- the file must hold a row: it would not be there otherwise
    most -- rows it may hold: what is remembered row by row takes memory, answers are only summed
    """

    file: str
    required: tuple[str | tuple[str, str], ...]
    optional: tuple[str, ...] = ()
    needed: bool = False
    filled: bool = False
    most: int = sys.maxsize

    @property
    def columns(self) -> frozenset[str]:
        """Every column that is read."""
        pairs = (name if isinstance(name, tuple) else (name,) for name in self.required)
        return frozenset(self.optional).union(*pairs)


NAMES = ("name", "name_fr")
TEAMS = Layout(
    "teams.csv",
    ("team",),
    (*NAMES, "parent", "headcount", "opened", "closed", "split_from", "merged_into"),
    needed=True,
    filled=True,
    most=100_000,
)
TOUCHPOINTS = Layout("touchpoints.csv", ("touchpoint", "team"), NAMES, needed=True, filled=True, most=200_000)
IRRITANTS = Layout(
    "irritants.csv",
    ("irritant",),
    (
        "label",
        "label_fr",
        "customer_question",
        "customer_question_fr",
        "employee_question",
        "employee_question_fr",
        "touchpoints",
    ),
    needed=True,
    filled=True,
    most=20_000,
)
VALUE_CHAIN = Layout("value_chain.csv", ("supplier", "customer"), most=500_000)
ASKED = Layout("asked.csv", ("team", "irritant"), ("from", "to"), most=500_000)
FIXES = Layout(
    "fixes.csv",
    ("fix", "irritant", "started"),
    (
        *(*NAMES, "stopped", "touchpoints", "teams", "owner"),
        *("expected_customer", "expected_staff", "registered"),
    ),
    most=50_000,
)
ROLLOUTS = Layout("rollouts.csv", ("fix", "place", "started"), ("stopped",), most=500_000)
BREAKS = Layout("breaks.csv", ("side", "month"), ("place", "measure", "note"), most=50_000)
CUSTOMER_ANSWERS = Layout(
    "customer_answers.csv", (MONTH_OR_DAY, "touchpoint", "irritant", "score"), ("count",), filled=True
)
EMPLOYEE_ANSWERS = Layout(
    "employee_answers.csv", ("month", "team", "irritant", "score"), ("count",), filled=True
)
CELLS = Layout("cells.csv", ("side", "month", "place", "irritant", "n", "total", "squares"), filled=True)

STRUCTURE = (TEAMS, TOUCHPOINTS, IRRITANTS, VALUE_CHAIN, ASKED, FIXES, ROLLOUTS, BREAKS)
SCORES = (CUSTOMER_ANSWERS, EMPLOYEE_ANSWERS, CELLS)
TRUTH = "truth.csv"  # what `flask demo --out` planted; read by nobody here
