"""What the API tells about fixes, flags and figures, and what it is asked for: pydantic models.

Everything here is of released cells and published verdicts: what is hidden looks as what is not there.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints

from pulse.ledger.disclosure import Extent
from pulse.verdicts.models import Decision, FlagState
from pulse.verdicts.rules import Outcome, Reason

LAST_PAGE = 100_000
ON_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
MONTH = r"^20[0-9]{2}-(0[1-9]|1[0-2])$"
CURSOR = r"^20[0-9]{2}-(0[1-9]|1[0-2])\.[0-9]{1,7}$"


def _whole(value: object) -> object:
    """The whole number an address says in digits."""
    digits = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 8
    return int(str(value)) if digits else value


Text = Annotated[str, StringConstraints(max_length=200, pattern=ON_LINE)]
Whole = BeforeValidator(_whole)
Page = Annotated[int, Field(ge=1, le=LAST_PAGE, strict=True), Whole]
ShowName = Literal["all", "flagged", "unknown", "no-effect", "solved"]
StateName = Literal["waiting", "overdue", "open", "acknowledged", "acted_on", "closed"]
Raising = Literal["displaced", "backfired"]
SideName = Literal["customer", "employee"]


class Asked(BaseModel):
    """What stands after the question mark. A name that means nothing is refused: it may be a typing error."""

    model_config = ConfigDict(extra="forbid")


class AskedFixes(Asked):
    """Which fixes."""

    show: ShowName = Field("all", description="By their newest verdict, as the tabs on screen.")
    search: Text = Field("", description="Words of name, code, irritant or owner.")
    months: Annotated[Literal[6, 12, 24], Whole] | None = Field(
        None, description="Started in the last so many months."
    )
    touchpoint: Text = Field("", description="Code of a touchpoint of the fix.")
    team: Text = Field("", description="Code of a team of the fix, or one its burden landed on.")
    owner: Text = Field("", description="E-mail address of the owner.")
    page: Page = Field(1, description="Which page of 50.")


class AskedFlags(Asked):
    """Which flags."""

    state: StateName | None = Field(None, description="waiting: not closed. overdue: a check is due.")
    owner: Text = Field("", description="E-mail address of who looks after it, or nobody.")
    months: Annotated[Literal[1, 3, 6], Whole] | None = Field(
        None, description="Raised at least so many months ago."
    )
    verdict: Raising | None = Field(None, description="What it was raised for.")
    touchpoint: Text = Field("", description="Code of a touchpoint of the fix.")
    team: Text = Field("", description="Code of a team of the fix, or one its burden landed on.")
    page: Page = Field(1, description="Which page of 50.")


class AskedCells(Asked):
    """Which figures."""

    side: SideName = Field(description="Whose answers.")
    month: Annotated[str, StringConstraints(pattern=MONTH)] | None = Field(
        None, description="A month, such as 2026-10. Default: all, the newest first.", examples=["2026-10"]
    )
    irritant: Text = Field("", description="Code of an irritant or an indicator.")
    place: Text = Field("", description="Code of a touchpoint (customers) or of a team (employees).")
    cursor: Annotated[str, StringConstraints(pattern=CURSOR)] | None = Field(
        None, description="Where the page before ended: its next.", examples=["2026-10.1000"]
    )


QUERY_RULES: Mapping[str, str] = {
    "show": "Write one of: all, flagged, unknown, no-effect, solved.",
    "search": "Write at most 200 characters on one line.",
    "months": "Write one of the numbers the document names.",
    "touchpoint": "Write the code of a touchpoint.",
    "team": "Write the code of a team.",
    "owner": "Write an e-mail address; for flags also: nobody.",
    "page": "Write the number of a page, from 1 on.",
    "state": "Write one of: waiting, overdue, open, acknowledged, acted_on, closed.",
    "verdict": "Write displaced or backfired.",
    "side": "Write customer or employee.",
    "month": "Write a month such as 2026-10.",
    "irritant": "Write the code of an irritant.",
    "place": "Write the code of a touchpoint or a team.",
    "cursor": "Write the next of the page before, as it was given.",
    "confirmed": "Write true or false, or leave it out.",
}
UNKNOWN_NAME = "There is nothing of this name to ask for here."


class Effect(BaseModel):
    """A change in points of the scale from 0 to 10, with its 95 % interval; below 0 it bothers less."""

    effect: float
    low: float
    high: float


class Landing(BaseModel):
    """Where a burden landed."""

    teams: list[str] = Field(description="Codes of teams.")
    irritant: str | None = Field(None, description="As which irritant, by code.")
    hops: int | None = Field(None, description="How far from the fix on the value chain.")
    effect: Effect | None = None


class Concluded(BaseModel):
    """A verdict at the end of a month."""

    as_of: date
    outcome: Outcome
    reason: Reason | None = None
    probability: float | None = Field(None, description="That staff pay.")
    customers: Effect | None = None
    staff: Effect | None = Field(None, description="In the teams of the fix.")
    landing: Landing | None = None
    sentence_en: str
    sentence_fr: str


class OpenFlag(BaseModel):
    """A flag that is not closed."""

    id: int
    state: FlagState


class FixTold(BaseModel):
    """A fix as it stands."""

    code: str
    name_en: str
    name_fr: str
    irritant: str
    started: date
    stopped: date | None = None
    owner: str | None = None
    success_on: date | None = Field(None, description="Since when it is called a success.")
    verdict: Concluded | None = Field(None, description="The newest; missing where there is none yet.")
    flag: OpenFlag | None = None


class FixWhole(FixTold):
    """A fix with its whole history."""

    touchpoints: list[str] = Field(description="Codes of the touchpoints it is for.")
    teams: list[str] = Field(description="Codes of the teams that carry it.")
    history: list[Concluded] = Field(description="The verdict of each month as it stands, earliest first.")


class FlagTold(BaseModel):
    """A flag as it stands."""

    id: int
    fix: str
    raised_for: Outcome
    raised_on: date
    state: FlagState
    owner: str | None = None
    decision: Decision | None = None
    corrective: str | None = Field(None, description="Code of the fix that is to put it right.")
    recheck_on: date | None = None
    overdue: bool
    verdict: Concluded = Field(description="The verdict that raised it.")


class Cell(BaseModel):
    """A figure that may be shown."""

    side: SideName
    month: str = Field(examples=["2026-10"])
    place: str = Field(description="Code of a touchpoint (customers) or of a team (employees).")
    extent: Extent = Field(description="own: the place itself. whole: with all teams below it.")
    irritant: str = Field(description="Code of an irritant or an indicator.")
    n: int = Field(description="Answers; under 20 rounded to 5.")
    score: float = Field(description="Points from 0 to 10.")
    low: float = Field(description="Where the band begins that the score is rounded to.")
    high: float
    fresh: bool = Field(description="Whether it is of this month's answers; else the last one stands.")


class Fixes(BaseModel):
    """A page of fixes, those to look at first on top."""

    fixes: list[FixTold]
    page: int
    pages: int
    number: int = Field(description="Fixes on all pages.")


class Flags(BaseModel):
    """A page of flags, in the order of what is to be done first."""

    flags: list[FlagTold]
    page: int
    pages: int
    number: int = Field(description="Flags on all pages.")


class Cells(BaseModel):
    """A page of figures, the newest month first; whatever may not be shown is not in it."""

    cells: list[Cell]
    next: str | None = Field(None, description="The cursor of the next page; missing on the last.")


class Confirmation(BaseModel):
    """What has to be said to call a fix a success."""

    confirmed: StrictBool = Field(
        False, description="Needed where the newest verdict is not that the problem is removed."
    )


class Succeeded(BaseModel):
    """A fix that is called a success."""

    fix: str
    success_on: date
