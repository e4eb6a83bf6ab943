"""A fix is put on record, checked, changed until launch and frozen then, by those who may."""

import re
from datetime import UTC, date, datetime

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from pulse import db
from pulse.organisation.models import Fix, FixDeed, FixEvent, RollOut, Team
from pulse.verdicts.models import Flag, FlagState
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.told import ANALYST
from tests.pulse.registering.conftest import OWNER, SECOND, arrived, recorded, sent
from tests.pulse.test_web import sign_in

FORM = {
    "name_en": "A desk of its own",
    "name_fr": "Un guichet à part",
    "irritant": "late",
    "started": "2026-05-04",
    "staff_task": "nothing",
    "customer_way": "less",
    "customer_points": "1,5",
    "staff_way": "more",
    "staff_points": "0.25",
    "owner": ANALYST,
    "requested_by": "the board",
    "hypothesis": "Shorter queues.",
}
CODE = "a-desk-of-its-own"
PAGE = f"/register/fix/{CODE}"


def register(client: FlaskClient, **other: object) -> str:
    answer = sent(client, "/register/fix", do="save", **(FORM | other))
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.headers["Location"])


def events(code: str) -> list[FixEvent]:
    with db.reading() as session:
        rows = select(FixEvent).join(Fix, Fix.id == FixEvent.fix_id).where(Fix.code == code)
        return list(session.scalars(rows.order_by(FixEvent.id)))


def place(code: str) -> int:
    with db.reading() as session:
        return session.scalars(select(Team.id).where(Team.code == code)).one()


def test_what_a_fix_could_show_is_said_before_it_is_saved(analyst):
    said = text_of(sent(analyst, "/register/fix", do="check", **FORM).text)
    assert "First verdict possible end of June 2026" in said
    assert (
        "By the figures shown for the last six months: about 20 answers a month from each of 1 team." in said
    )
    assert "It starts everywhere at once" not in said  # billing and crews are asked about it as well
    with db.reading() as session:
        assert session.scalars(select(Fix).where(Fix.code == CODE)).all() == []


def test_a_fix_is_put_on_record_once_and_logged_whole(analyst):
    assert register(analyst) == f"{PAGE}?done=registered"
    assert register(analyst) == f"{PAGE}?done=registered"  # sent twice
    fix = recorded(CODE)
    assert (fix.expected_customer, fix.expected_staff, fix.staff_task) == (-150, 25, "nothing")
    assert (fix.frozen_on, fix.registered, fix.stopped) == (date(2026, 5, 4), None, None)
    [event] = events(CODE)
    assert (event.by, event.deed) == (ANALYST, FixDeed.REGISTERED)
    assert event.changed["expected_customer"] == [None, -150]
    said = text_of(analyst.get(PAGE).text)
    assert "Customers: 1.5 points less bothered. Staff: 0.3 points more burdened." in said
    assert "Put on record 15 January 2026 · ana@example.org" in said
    assert text_of(analyst.get("/register").text).count("A desk of its own") == 1


def test_what_is_missing_is_said_beside_the_field_and_nothing_typed_is_lost(analyst):
    for field, value, words in (
        ("name_fr", "", "Give it a name in both languages"),
        ("irritant", "", "Choose the irritant it is to remove"),
        ("started", "4 May", "Write the day as year-month-day"),
        ("staff_task", " ", "Say what staff must now do"),
        ("customer_points", "11", "Write a number of points from 0 to 10"),
        ("staff_points", "", "Say what you expect for staff"),
    ):
        answer = sent(analyst, "/register/fix", do="save", **(FORM | {field: value}))
        assert answer.status_code == 422, field
        assert text_of(answer.text).count(words) == 2, field  # on top and beside the field
        assert "<title>Error: " in answer.text
        assert 'value="A desk of its own"' in answer.text


def test_a_start_in_the_past_is_put_on_record_as_late_and_frozen_at_once(analyst):
    checked = text_of(sent(analyst, "/register/fix", do="check", **(FORM | {"started": "2025-11-03"})).text)
    assert "It began before it is put on record" in checked
    register(analyst, started="2025-11-03")
    assert recorded(CODE).registered == date(2026, 1, 15)
    assert "Change what is written down" not in analyst.get(PAGE).text
    register(analyst, name_en="Of this month", started="2026-01-05")
    assert recorded("of-this-month").registered is None  # a start belongs to its month


def test_two_people_edit_and_the_second_sees_what_the_first_saved(told, analyst):
    register(analyst)
    second = arrived(told, SECOND, "admin")
    page = second.get(PAGE).text
    seen = re.search(r'name="seen"[^>]*value="(\w+)"', page)[1]
    first = sent(analyst, PAGE, do="save", **(FORM | {"staff_points": "1"}))
    assert first.status_code == 303

    theirs = FORM | {"hypothesis": "Because it is near.", "staff_points": "0.25"}
    answer = sent(second, PAGE, do="save", **theirs | {"seen": seen})
    assert answer.status_code == 409
    said = text_of(answer.text)
    assert "ana@example.org changed this fix meanwhile" in said
    assert "1.0 point more burdened 0.3 points more burdened" in said.replace("1.0 points", "1.0 point")
    assert "Because it is near." in answer.text  # nothing typed is lost
    assert recorded(CODE).expected_staff == 100

    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text)[1]
    again = re.search(r'name="seen"[^>]*value="(\w+)"', answer.text)[1]
    data = {**theirs, "csrf_token": token, "seen": again, "do": "save"}
    assert second.post(PAGE, data=data).status_code == 303
    assert (recorded(CODE).expected_staff, recorded(CODE).hypothesis) == (25, "Because it is near.")


def test_from_midnight_of_its_first_day_on_scope_and_expectation_stay(analyst):
    register(analyst)
    late = FORM | {"customer_points": "3"}
    with time_machine.travel(datetime(2026, 5, 3, 21, 59, 59, tzinfo=UTC), tick=False):  # 23:59:59 in Paris
        sign_in(analyst, ANALYST)
        assert sent(analyst, PAGE, do="save", **late).status_code == 303
        page = analyst.get(PAGE).text
    with time_machine.travel(datetime(2026, 5, 3, 22, tzinfo=UTC), tick=False):
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
        seen = re.search(r'name="seen"[^>]*value="(\w+)"', page)[1]
        data = FORM | {"customer_points": "4", "csrf_token": token, "seen": seen, "do": "save"}
        answer = analyst.post(PAGE, data=data)
        assert answer.status_code == 409
        assert "This fix has started, so scope and expectation no longer change." in answer.text
        assert 'value="4"' in answer.text
        assert recorded(CODE).expected_customer == -300
        handed = sent(analyst, PAGE, f"{PAGE}/owner", owner=ANALYST)
        assert handed.status_code == 303
        withdrawn = sent(analyst, PAGE, f"{PAGE}/withdraw", reason="no")
        assert withdrawn.status_code == 409


def test_places_get_their_own_dates_until_they_have_begun(analyst):
    register(analyst)
    counter = place("counter")
    dates = f"{PAGE}/dates"
    early = sent(analyst, dates, **{f"start-{counter}": "2026-04-01"})
    assert early.status_code == 422
    assert "Choose a day from the start of the fix on" in early.text
    assert sent(analyst, dates, **{f"start-{counter}": "2026-07-01"}).status_code == 303
    unexplained = sent(analyst, dates, **{f"stop-{counter}": "2026-09-30"})
    assert unexplained.status_code == 422
    assert "Say why" in unexplained.text
    done = sent(analyst, dates, **{f"stop-{counter}": "2026-09-30", "reason": "a trial"})
    assert done.status_code == 303
    with db.reading() as session:
        row = session.scalars(select(RollOut)).one()
        assert (row.started, row.stopped) == (date(2026, 7, 1), date(2026, 9, 30))
    said = text_of(analyst.get(PAGE).text)
    assert "Start: Ticket office, Rennes with the fix → 1 July 2026" in said
    assert "Reason a trial" in said

    with time_machine.travel(datetime(2026, 7, 1, 10, tzinfo=UTC), tick=False):
        sign_in(analyst, ANALYST)
        assert f"start-{counter}" not in analyst.get(dates).text
        begun = sent(analyst, dates, **{f"start-{counter}": "2026-08-01"})
        assert begun.status_code == 422
        assert "It acts there already" in begun.text


def test_a_fix_is_stopped_with_a_reason(analyst):
    page = "/register/fix/warm-rooms"
    assert sent(analyst, page, f"{page}/stop", day="2026-01-31", reason=" ").status_code == 422
    assert sent(analyst, page, f"{page}/stop", day="2020-01-31", reason="why not").status_code == 422
    assert sent(analyst, page, f"{page}/stop", day="2026-01-31", reason="Too dear").status_code == 303
    assert recorded("warm-rooms").stopped == date(2026, 1, 31)
    [event] = events("warm-rooms")
    assert (event.deed, event.changed["reason"]) == (FixDeed.STOPPED, [None, "Too dear"])


def test_what_was_never_launched_may_be_withdrawn_and_stays_on_record(analyst):
    register(analyst)
    assert sent(analyst, PAGE, f"{PAGE}/withdraw", reason="The landlord said no").status_code == 303
    assert recorded(CODE).withdrawn
    said = text_of(analyst.get("/register").text)
    assert "Withdrawn before they began 1 A desk of its own" in said
    said = text_of(analyst.get(PAGE).text)
    assert "The landlord said no" in said
    assert "Withdraw it" not in said
    assert "withdrawn before it began" in text_of(analyst.get("/fixes?search=desk").text)
    late = sent(analyst, PAGE, do="save", **FORM)
    assert late.status_code == 409


def test_owners_see_and_change_their_own_fixes_alone(owner):
    assert "Live displays" not in owner.get("/register").text
    assert owner.get("/register/fix/refund-48h").status_code == 200
    assert owner.get("/register/fix/live-displays").status_code == 404
    assert owner.get("/register/fix/live-displays/dates").status_code == 404
    foreign = sent(owner, "/register/fix", "/register/fix/live-displays/stop", day="2026-02-01", reason="x")
    assert foreign.status_code == 404
    assert sent(owner, "/register/fix", do="save", **FORM).status_code == 422  # for somebody else
    register(owner, owner=OWNER)
    assert recorded(CODE).owner == OWNER
    assert owner.get("/irritants").status_code == 404


def test_the_works_council_reads_and_changes_nothing(council, analyst):
    register(analyst)
    assert council.get("/register").status_code == 200
    page = council.get(PAGE)
    assert page.status_code == 200
    assert 'value="save"' not in page.text
    assert council.get("/register/fix").status_code == 404
    for to in (PAGE, f"{PAGE}/stop", f"{PAGE}/withdraw", f"{PAGE}/owner", f"{PAGE}/dates"):
        assert council.post(to, data=FORM | {"do": "save"}).status_code == 404, to
    assert len(events(CODE)) == 1


def test_a_fix_that_answers_a_flag_begins_where_the_burden_landed(analyst):
    with db.reading() as session:
        flag = session.scalars(
            select(Flag).join(Fix, Fix.id == Flag.fix_id).where(Fix.code == "refund-48h")
        ).one()
    page = f"/register/fix?corrects={flag.id}"
    read = analyst.get(page).text
    assert '<option selected value="refunds">' in read
    assert re.findall(r'name="teams"[^>]*value="(\d+)" checked', read) == [
        str(place(code)) for code in ("billing", "counter")
    ]
    answer = sent(analyst, page, "/register/fix", do="save", **(FORM | {"irritant": "refunds"}))
    assert answer.status_code == 303
    with db.reading() as session:
        flag = session.get_one(Flag, flag.id)
        assert (flag.corrective_id, flag.state) == (recorded(CODE).id, FlagState.ACTED_ON)


def test_many_teams_are_found_without_scripts_and_nothing_typed_is_lost(analyst):
    with db.writing() as session:
        session.add_all(Team(code=f"t{n}", name_en=f"Depot {n}", name_fr=f"Dépôt {n}") for n in range(60))
    empty = analyst.get("/register/fix").text
    assert "Depot 41" not in empty
    ticked = place("billing")
    found = sent(analyst, "/register/fix", do="find", find_teams="dépot 41", **FORM | {"teams": [ticked]})
    assert found.status_code == 200
    assert "Depot 41" in found.text
    assert f'value="{ticked}" checked' in found.text
    assert 'value="A desk of its own"' in found.text


def test_lists_come_as_files(analyst):
    register(analyst)
    row = next(line for line in analyst.get("/register?as=csv").text.splitlines() if line.startswith(CODE))
    assert row.startswith(f"{CODE},A desk of its own,late,planned,2026-05-04,,{ANALYST},-1.5,0.25,nothing")
    assert analyst.get("/irritants?as=csv&search=refunds").text.count("\n") == 2


def test_the_page_of_a_withdrawn_fix_says_that_nothing_is_concluded(analyst):
    register(analyst)
    sent(analyst, PAGE, f"{PAGE}/withdraw", reason="no")
    said = text_of(analyst.get(f"/fixes/{CODE}").text)
    assert "It was taken back before it began, so there is nothing to judge." in said
    assert "A first verdict is possible" not in said
