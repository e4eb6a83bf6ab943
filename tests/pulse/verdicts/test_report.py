"""What `flask verdicts` and `flask flags` print: the contract's columns, and the right looks."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest

from pulse.organisation.models import Fix, Irritant
from pulse.verdicts import flags, report
from pulse.verdicts.flags import Step
from pulse.verdicts.models import FlagState, Verdict
from pulse.verdicts.rules import Outcome, Reason

NOW = datetime(2026, 6, 4, 2, tzinfo=UTC)
APRIL, MAY = date(2026, 4, 30), date(2026, 5, 31)
CONTRACT = (
    "as_of,revision,fix,irritant,verdict,reason,alternative_fix,probability,customer_effect,customer_low,"
    "customer_high,staff_effect,staff_low,staff_high,landing_team,landing_irritant,landing_hops,"
    "landing_effect,landing_low,landing_high,flag,first_flagged"
)


def said(fix: Fix, as_of: date, outcome: Outcome, *, revision: int = 0, **known) -> Verdict:
    """A verdict of which only what is given is known."""
    empty = dict.fromkeys(
        [column.key for column in Verdict.__table__.columns if column.nullable and column.key != "id"]
    )
    values = empty | {"outcome": outcome, "revision": revision, "concluded_at": NOW} | known
    return Verdict(fix_id=fix.id, as_of=as_of, **values)


@pytest.fixture
def fixes(database) -> dict[str, Fix]:
    """Two fixes of an irritant; B was watched until April, A still is."""
    words = {
        f"{what}_{language}": "Waiting"
        for what in ("label", "customer_question", "employee_question")
        for language in ("en", "fr")
    }
    with database.writing() as session:
        waiting = Irritant(code="WAIT", **words)
        session.add(waiting)
        session.flush()
        both = {
            code: Fix(
                code=code,
                name_en=code,
                name_fr=code,
                irritant_id=waiting.id,
                started=date(2025, 1, 1),
                owner="zoe@example.org",
            )
            for code in ("B", "A")
        }
        session.add_all(both.values())
        session.flush()
        pays = {
            "probability": 0.98,
            "customer_effect": -1.5,
            "customer_low": -2.0,
            "customer_high": -1.0,
            "landing_team": "T1|T2",
            "landing_irritant": "WAIT",
            "landing_hops": 0,
            "first_flagged": MAY,
        }
        session.add_all(
            [
                said(both["B"], APRIL, Outcome.RESOLVED, probability=0.0),
                said(both["A"], APRIL, Outcome.UNDETERMINED, reason=Reason.WATCH, probability=0.5),
                said(both["A"], MAY, Outcome.UNDETERMINED, reason=Reason.TOO_EARLY),
                said(both["A"], MAY, Outcome.DISPLACED, revision=1, **pays),
            ]
        )
    return both


def printed(database, as_of=None, history=False, revisions=False) -> list[tuple[str, str, str, str]]:
    with database.reading() as session:
        rows = report.verdicts(session, as_of=as_of, history=history, revisions=revisions)
    return [(row["as_of"], row["fix"], row["revision"], row["verdict"]) for row in rows]


def test_without_options_each_fix_has_its_newest_verdict(database, fixes):
    assert printed(database) == [
        ("2026-04-30", "B", "0", "resolved"),
        ("2026-05-31", "A", "1", "displaced"),
    ]


def test_as_of_a_date_is_the_look_of_that_date(database, fixes):
    look = [("2026-04-30", "A", "0", "undetermined"), ("2026-04-30", "B", "0", "resolved")]
    assert printed(database, as_of=date(2026, 5, 30)) == look
    assert printed(database, as_of=APRIL) == look


def test_history_keeps_to_what_was_said_first_and_revisions_add_the_rest(database, fixes):
    original = [
        ("2026-04-30", "A", "0", "undetermined"),
        ("2026-04-30", "B", "0", "resolved"),
        ("2026-05-31", "A", "0", "undetermined"),
    ]
    assert printed(database, history=True) == original
    assert printed(database, revisions=True) == [*original, ("2026-05-31", "A", "1", "displaced")]


def test_the_csv_has_the_columns_of_the_contract_and_empty_fields_for_what_is_not_known(database, fixes):
    with database.reading() as session:
        rows = report.verdicts(session, as_of=None, history=False, revisions=False)
    text = report.as_csv(rows, report.COLUMNS)
    assert text.splitlines() == [
        CONTRACT,
        "2026-04-30,0,B,WAIT,resolved,,,0.000,,,,,,,,,,,,,0,",
        "2026-05-31,1,A,WAIT,displaced,,,0.980,-1.5,-2.0,-1.0,,,,T1|T2,WAIT,0,,,,1,2026-05-31",
    ]
    assert [row["fix"] for row in csv.DictReader(io.StringIO(text))] == ["B", "A"]


def test_json_says_null_for_what_is_not_known(database, fixes):
    with database.reading() as session:
        rows = report.verdicts(session, as_of=None, history=False, revisions=False)
    resolved, displaced = json.loads(report.as_json(rows, report.COLUMNS))
    assert (resolved["customer_effect"], displaced["customer_effect"]) == (None, "-1.5")


def test_a_table_leaves_empty_columns_out(database, fixes):
    with database.reading() as session:
        rows = report.verdicts(session, as_of=APRIL, history=False, revisions=False)
    header, *lines = report.as_table(rows, report.COLUMNS).splitlines()
    assert header.split() == [
        "as_of",
        "revision",
        "fix",
        "irritant",
        "verdict",
        "reason",
        "probability",
        "flag",
    ]
    assert len(lines) == 2


def test_flags_are_printed_oldest_first_with_where_the_burden_landed(database, fixes):
    with database.writing() as session:
        verdict = session.query(Verdict).filter_by(revision=1).one()
        flags.raise_for(session, verdict, NOW)
    with database.reading() as session:
        (row,) = report.flags(session)
    assert row == {
        "fix": "A",
        "irritant": "WAIT",
        "flag": "displaced",
        "raised_on": "2026-05-31",
        "state": "open",
        "owner": "zoe@example.org",
        "landing_team": "T1|T2",
        "landing_irritant": "WAIT",
        "landing_hops": "0",
    }


def test_a_flag_is_raised_once_for_an_outcome_and_never_for_a_calm_one(database, fixes):
    with database.writing() as session:
        pays = session.query(Verdict).filter_by(revision=1).one()
        calm = session.query(Verdict).filter_by(outcome=Outcome.RESOLVED).one()
        assert flags.raise_for(session, pays, NOW) is not None
        assert flags.raise_for(session, pays, NOW) is None
        assert flags.raise_for(session, calm, NOW) is None


def test_a_flag_goes_forward_only_and_is_closed_with_a_reason(database, fixes):
    with database.writing() as session:
        flag = flags.raise_for(session, session.query(Verdict).filter_by(revision=1).one(), NOW)
        by = {"by": "zoe@example.org", "now": NOW}
        flags.take(session, flag, Step(FlagState.ACTED_ON, "Two more"), **by)
        with pytest.raises(flags.CannotMoveTo):
            flags.take(session, flag, Step(FlagState.ACKNOWLEDGED), **by)
        with pytest.raises(flags.ReasonMissing):
            flags.take(session, flag, Step(FlagState.CLOSED, " "), **by)
        assert flag.state is FlagState.ACTED_ON


def test_no_code_of_the_companys_own_becomes_a_formula_and_numbers_stay_as_they_are():
    rows = [{"fix": "=1+1", "owner": "@SUM(A1)", "customer_effect": "-1.8", "staff_effect": "0.4"}]
    said = report.as_csv(rows, ["fix", "owner", "customer_effect", "staff_effect"]).splitlines()[1]
    assert said == "'=1+1,'@SUM(A1),-1.8,0.4"
