"""The value chain: every team has its place, burdens go along its links, and its page says so."""

import json
import re
from datetime import date
from itertools import combinations, pairwise

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pulse import db
from pulse.dashboards.chain import DRAWN, Burden, Chain, Member, along, around, found, rows, ways, whole
from pulse.dashboards.chain_layout import CUSTOMERS, HEIGHT, WIDTH, laid_out, panels, wrapped
from pulse.organisation.models import Supply, Team
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.verdicts.sentences import Span
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.told import EMPLOYEE, PASSWORD
from tests.pulse.test_web import sign_in

codes = st.integers(0, 29).map("t{:02}".format)
links = st.lists(
    st.tuples(codes, st.none() | codes).filter(lambda link: link[0] != link[1]), max_size=60, unique=True
)


def chained(pairs, *burdens: Burden) -> Chain:
    names = sorted({team for link in pairs for team in link if team})
    return Chain({code: Member(code, code.upper(), code) for code in names}, tuple(pairs), burdens)


def put(*landing: str, own: tuple[str, ...], size: float | None = 1.2) -> Burden:
    span = Span(size, size - 1, size + 1) if size is not None else None
    return Burden("fix", "A fix", own, landing, span, "Where")


@given(links)
def test_every_team_is_drawn_once_and_none_over_another(pairs):
    known = chained(pairs)
    drawn = laid_out({team: known.hops.get(team) for team in known.teams}, pairs)
    boxes = [box for box in drawn.boxes if box.team != CUSTOMERS]
    assert sorted(box.team for box in boxes) == sorted(known.teams)
    for one, other in combinations(drawn.boxes, 2):
        assert abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT
    for box in drawn.boxes:
        assert 0 <= box.x <= drawn.width - WIDTH
        assert 0 <= box.y <= drawn.height - HEIGHT


@given(links)
def test_who_is_nearer_to_the_customers_stands_further_right(pairs):
    known = chained(pairs)
    drawn = laid_out({team: known.hops.get(team) for team in known.teams}, pairs)
    at = {box.team: box.x for box in drawn.boxes}
    far = max(known.hops.values(), default=0) + 1
    hops = {team: known.hops.get(team, far) for team in known.teams} | {CUSTOMERS: 0}
    for one, other in combinations(at, 2):
        assert (at[one] > at[other]) == (hops[one] < hops[other])
    assert len(drawn.wires) == len(pairs)


@given(links, st.randoms(use_true_random=False))
def test_the_picture_does_not_depend_on_the_order_in_which_links_are_read(pairs, chance):
    mixed = list(pairs)
    chance.shuffle(mixed)
    hops = chained(pairs).hops
    teams = {team: hops.get(team) for team in chained(pairs).teams}
    assert laid_out(teams, pairs) == laid_out(dict(reversed(teams.items())), mixed)


def test_lines_that_need_not_cross_do_not():
    pairs = [("a", "z"), ("b", "y"), ("c", "x"), ("x", None), ("y", None), ("z", None)]
    at = {box.team: box.y for box in laid_out(dict.fromkeys("abc", 2) | dict.fromkeys("xyz", 1), pairs).boxes}
    assert sorted("abc", key=at.get) == sorted(
        "abc", key=lambda team: at[{"a": "z", "b": "y", "c": "x"}[team]]
    )


@given(links, codes, st.sets(codes, max_size=4))
def test_a_way_goes_from_link_to_link_and_none_is_shorter(pairs, landing, own):
    known = chained(pairs)
    for way in ways(own, landing, known.beside):
        assert way[-1] == landing
        assert all(other in known.beside[one] for one, other in pairwise(way))
        assert len(set(way)) == len(way)
        assert way[0] in own or way == (landing,)


@given(links, st.integers(1, 8))
def test_a_neighbourhood_has_its_team_and_is_never_too_big_to_read(pairs, most):
    known = chained(pairs)
    for team in known.teams:
        part = around(known, team, most=most)
        assert team in part.teams
        assert len(part.teams) <= most
        near = {other for link in pairs if team in link for other in link if other}
        assert part.left_out or near <= set(part.teams)


def test_where_not_all_have_room_those_that_burdens_passed_stay():
    pairs = [(f"s{number:02}", "hub") for number in range(60)] + [("hub", None)]
    part = around(chained(pairs, put("s59", own=("hub",))), "hub")
    assert len(part.teams) == DRAWN
    assert part.left_out == 61 - DRAWN
    assert "s59" in part.teams


def test_a_burden_that_stayed_moves_along_no_link():
    known = chained([("b", "a"), ("a", None)], put("a", own=("a", "b")))
    assert known.moves == {}
    assert known.ways == {"fix": (("a",),)}
    assert known.landed("a")
    assert not known.landed("b")


def test_a_burden_is_drawn_in_the_direction_it_went_and_on_to_the_customers():
    known = chained([("c", "b"), ("b", "a"), ("a", None), ("d", None)], put("c", own=("a",)))
    assert list(known.moves) == [("a", "b"), ("b", "c")]
    assert along(known, known.burdens[0]).teams == ("a", "b", "c")
    assert [row.burdens for row in rows(known)][:3] == [known.burdens, known.burdens, ()]


def test_where_no_link_leads_the_burden_stands_by_itself():
    known = chained([("a", None), ("z", "y")], put("z", own=("a",)))
    assert known.ways == {"fix": (("z",),)}
    assert known.cut_off == ["y", "z"]
    assert along(known, known.burdens[0]).teams == ("z",)


@pytest.mark.parametrize(("size", "weight"), [(None, 1), (0.9, 1), (1.0, 2), (1.9, 2), (2.0, 3)])
def test_a_heavier_burden_is_drawn_broader(size, weight):
    assert put("a", own=(), size=size).weight == weight


def test_a_chain_too_big_to_read_is_drawn_as_one_dot_a_team():
    pairs = [(f"n{number:03}", None) for number in range(300)]
    pairs += [(f"f{number:03}", f"n{number:03}") for number in range(200)]
    known = chained(pairs)
    assert whole(known) is None
    drawn = panels(known.bands)
    assert [(band.hops, band.number) for band in drawn.bands] == [(1, 300), (2, 200)]
    assert len(set(drawn.dots.values())) == 500
    assert drawn.bands[0].x > drawn.bands[1].x


@given(st.text("abc ,", min_size=1), st.integers(3, 30))
def test_a_name_is_never_wider_than_its_box(name, width):
    lines = wrapped(name, width=width)
    assert len(lines) <= 3
    assert all(len(line) <= width for line in lines)
    assert "".join(name.split()).startswith("".join("".join(lines).rstrip("…").split()))


def test_a_team_is_found_by_code_or_by_words_without_accents():
    known = Chain(
        {"b": Member("b", "Billing", "Équipe de facturation"), "bb": Member("bb", "Bills", "b")}, ()
    )
    assert [member.code for member in found(known, "b")] == ["b"]
    assert [member.code for member in found(known, "equipe FACT")] == ["b"]


# --- the page


def test_the_chain_is_shown_whole_around_a_team_or_along_the_way_of_a_burden(analyst: FlaskClient) -> None:
    page = analyst.get("/chain").text
    said = text_of(page)
    assert "3 teams , 2 links" in said.replace("teams,", "teams ,")
    assert "Refunds within 48 hours +1.9" in said
    assert "1 team is cut off from the customers" in said
    assert 'href="/chain?team=crew"' in page
    assert "Shortest way: Ticket office, Rennes → to Billing" in said

    page = analyst.get("/chain?team=billing").text
    assert "<h1>Billing</h1>" in page
    assert "2 hops from the customers" in text_of(page)
    assert 'href="/teams/billing"' in page
    assert 'href="/fixes/refund-48h"' in page
    assert 'aria-current="true" aria-label="Billing, +1.9 by “Refunds within 48 hours”"' in page

    page = analyst.get("/chain?fix=refund-48h").text
    assert "<h1>The way of “Refunds within 48 hours”</h1>" in page
    assert 'class="link put w2"' in page
    calm = text_of(analyst.get("/chain?fix=live-displays").text)
    assert "Of this fix no verdict says that it put a burden on a team." in calm


def test_a_search_leads_straight_to_its_one_answer_and_what_is_not_there_is_not_found(
    analyst: FlaskClient,
) -> None:
    assert analyst.get("/chain?search=factur").headers["Location"] == "/chain?team=billing"
    assert "No team on the value chain is called so." in text_of(analyst.get("/chain?search=none").text)

    assert [analyst.get(f"/chain?{query}").status_code for query in ("team=nobody", "fix=nothing")] == [
        404
    ] * 2
    assert analyst.get("/chain?team=%00&hops=x&page=-1").status_code == 200  # what it cannot mean is not said


def test_a_unit_leads_to_its_teams_and_a_closed_team_is_off_the_chain(analyst: FlaskClient) -> None:
    with db.writing() as session:
        unit = Team(code="rail", name_en="The whole railway", name_fr="Tout le chemin de fer")
        session.add(unit)
        session.flush()
        for team in session.scalars(select(Team).where(Team.code != "rail")):
            team.parent_id = unit.id
    page = analyst.get("/chain?team=rail").text
    assert 'href="/chain?team=billing"' in page
    assert 'href="/chain?team=rail"' not in analyst.get("/chain").text

    with db.writing() as session:
        session.scalars(select(Team).where(Team.code == "counter")).one().closed = date(2025, 1, 1)
    said = text_of(analyst.get("/chain").text)
    assert "2 teams are cut off from the customers" in said or "No link is on record yet" in said


def test_the_links_go_with_you_as_files(analyst: FlaskClient) -> None:
    book = json.loads(analyst.get("/chain?as=json").text)["sheets"]
    assert [(row["supplier"], row["customer"]) for row in book["links"]] == [
        ("billing", "counter"),
        ("counter", "CUSTOMERS"),
    ]
    assert {row["team"]: row["hops"] for row in book["teams"]} == {"billing": 2, "counter": 1, "crew": None}
    assert ("counter | billing", 1.9) in [(row["way"], row["landing_effect"]) for row in book["burdens"]]
    assert analyst.get("/chain?team=billing&as=csv").text.startswith("\ufeffsupplier,supplier_name,")


def test_the_chain_is_for_those_who_read_what_is_concluded(told: Flask) -> None:
    client = told.test_client()
    assert client.get("/chain").status_code == 302
    sign_in(client, EMPLOYEE)
    assert client.get("/chain").status_code == client.get("/nowhere").status_code == 404
    council = told.test_client()
    with db.writing() as session:
        person = people.add(session, "cor@example.org", name="Cor", language="fr", password=PASSWORD)
        people.grant(session, person, Grant.COUNCIL)
    sign_in(council, "cor@example.org")
    assert "Chaîne de valeur" in council.get("/chain").text


def test_five_hundred_teams_make_a_page_of_a_decent_size(analyst: FlaskClient) -> None:
    with db.writing() as session:
        teams = [
            Team(
                code=f"team-{n:03}", name_en=f"Made-up team number {n}", name_fr=f"Équipe inventée numéro {n}"
            )
            for n in range(500)
        ]
        session.add_all(teams)
        session.flush()
        for n, team in enumerate(teams):
            for customer in {max(n // 4 - step, 0) for step in (1, 2, 3)} - {n}:
                session.add(Supply(supplier_id=team.id, customer_id=teams[customer].id))
            if n < 100:
                session.add(Supply(supplier_id=team.id, customer_id=None))
    page = analyst.get("/chain").text
    assert len(page.encode()) < 60_000
    assert "503 teams" in text_of(page)
    focus = analyst.get("/chain?team=team-001").text
    assert len(re.findall('class="node', focus)) <= DRAWN + 1
    assert len(focus.encode()) < 100_000
