"""What can go wrong while somebody answers: a plain sentence each time, nothing lost or counted twice."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import Browser, BrowserContext, Page, Route
from sqlalchemy import select

from pulse import db
from pulse.people import service as people
from surveys.ballots.models import Remark
from surveys.ballots.urn import urn
from surveys.waves.models import Issued
from tests.browser.answering import Site, choose, counted, ready, send, site, thanked
from tests.browser.visitor import PHONE, Visitor
from tests.conftest import Addresses
from tests.pulse.dashboards.told import PASSWORD
from tests.surveys.conftest import OPEN, OVER, built, opened

WHO = "north0@example.org"
NOTHING_KEPT = """
Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("refused", "SecurityError"); } });
"""
REQUESTS = """async () => {
  const script = document.querySelector("script[data-holder]").src;
  const { openKey, blind, prepared, toText } = await import(script);
  const page = JSON.parse(document.querySelector("#ballot").textContent);
  const key = await openKey(page.key);
  const token = document.querySelector("[name=csrf_token]").value;
  const one = async () => {
    const nonce = crypto.getRandomValues(new Uint8Array(32));
    const { blinded } = await blind(key, prepared(nonce, page.wave, page.unit));
    const reply = await fetch(page.issue, {
      method: "POST",
      headers: { "X-CSRFToken": token },
      body: JSON.stringify({ wave: page.wave, blinded: toText(blinded) }),
    });
    return [reply.status, (await reply.json()).error ?? ""];
  };
  return Promise.all(Array.from({ length: 12 }, one));
}"""


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    """It is a week after the November wave opened, until the test moves on."""
    with time_machine.travel(OPEN, tick=True) as traveller:
        yield traveller


@pytest.fixture
def asking(
    time: time_machine.Traveller, sqlite_addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    """Where the small railway asks."""
    with site(sqlite_addresses, monkeypatch) as here:
        with db.writing() as session:
            built(session)
            people.add(session, WHO, password=PASSWORD)
            opened(session)
        yield here


@pytest.fixture
def visitor(browser: Browser, asking: Site) -> Iterator[Visitor]:
    """Somebody of the north with the questions on view."""
    found = asking.enter(Visitor.at(browser, asking.address, size=PHONE), WHO).visit("/pulse")
    ready(found.page)
    yield found
    found.page.context.set_offline(True)  # what its page sends as it is left is no other test's
    found.close()


def issued() -> int:
    """How many ballots were drawn."""
    with db.reading() as session:
        return len(session.scalars(select(Issued)).all())


def kept(page: Page) -> list[str]:
    """What the browser keeps of ballots: of each, whether it is drawn or cast for."""
    found: list[str] = page.evaluate(
        """() => new Promise((done, failed) => {
          const asked = indexedDB.open("pulse", 1);
          asked.onerror = failed;
          asked.onsuccess = () => {
            const all = asked.result.transaction("ballot").objectStore("ballot").getAll();
            all.onsuccess = () => {
              asked.result.close();
              done(all.result.map((one) => (one.signature ? "drawn" : "not drawn")));
            };
          };
        })"""
    )
    return found


def said(page: Page, status: str) -> None:
    """Wait for the sentence about the ballot on its way."""
    page.locator(f"[data-ballot={status}]").wait_for(state="visible")


def told(page: Page, words: str) -> None:
    """Wait for the box that says why nothing was sent."""
    page.locator(".problems:visible", has_text=words).wait_for()


def unreachable(context: BrowserContext, pattern: str) -> None:
    """Let nothing through to these addresses."""
    context.route(pattern, lambda route: route.abort())


def another_tab(visitor: Visitor) -> Page:
    """The questions once more in the same browser."""
    page = visitor.page.context.new_page()
    page.goto(visitor.address + "/pulse")
    ready(page)
    return page


def test_a_ballot_waits_some_minutes_and_is_cast_by_itself(browser: Browser, asking: Site) -> None:
    visitor = asking.enter(Visitor.at(browser, asking.address), WHO)
    visitor.page.clock.install()
    page = visitor.visit("/pulse").page
    choose(page, 1)
    send(page)
    thanked(page)
    said(page, "waiting")
    page.clock.run_for(59_000)
    assert counted() == []
    page.clock.run_for(545_000)  # ten minutes and a bit
    said(page, "counted")
    assert len(counted()) == 1
    assert kept(page) == []
    visitor.close()


def test_a_double_tap_sends_once(asking: Site, visitor: Visitor) -> None:
    choose(visitor.page)
    visitor.page.locator("#answers button.go").dblclick()
    thanked(visitor.page)
    visitor.visit("/pulse/seen")
    assert (issued(), len(asking.arrived())) == (1, 1)


def test_of_two_tabs_the_first_counts_and_the_second_says_so(asking: Site, visitor: Visitor) -> None:
    second = another_tab(visitor)
    choose(visitor.page, 0)
    send(visitor.page)
    thanked(visitor.page)
    choose(second, 4)
    send(second)
    thanked(second)  # by the very ballot that waits in this browser, with its first answers
    second.goto(visitor.address + "/pulse/seen")
    visitor.visit("/pulse/seen")
    assert issued() == 1
    assert [set(scores.values()) for scores in asking.arrived()] == [{0}]


def test_a_second_device_is_told_that_the_ballot_is_drawn(
    browser: Browser, asking: Site, visitor: Visitor
) -> None:
    other = asking.enter(Visitor.at(browser, asking.address), WHO).visit("/pulse")
    choose(visitor.page, 0)
    send(visitor.page)
    thanked(visitor.page)
    choose(other.page, 4)
    send(other.page)
    told(other.page, "You have drawn this month's ballot already")
    assert kept(other.page) == []
    visitor.visit("/pulse/seen")
    other.close()
    assert [set(scores.values()) for scores in asking.arrived()] == [{0}]


def test_going_back_shows_no_second_form(asking: Site, visitor: Visitor) -> None:
    choose(visitor.page)
    send(visitor.page)
    thanked(visitor.page)
    visitor.visit("/pulse/seen")
    visitor.page.go_back()
    visitor.page.wait_for_load_state()
    assert not visitor.page.locator("#answers").is_visible()
    assert (issued(), len(asking.arrived())) == (1, 1)


def test_a_browser_closed_before_casting_casts_at_the_next_visit_once(asking: Site, visitor: Visitor) -> None:
    page = visitor.page
    asking.down = True
    choose(page, 3)
    send(page)
    thanked(page)
    page.close()
    visitor.page = page.context.new_page()
    visitor.visit("/pulse")
    said(visitor.page, "waiting")
    assert counted() == []
    asking.down = False
    for _ in range(2):
        visitor.visit("/pulse/seen")  # leaving the page casts at once
        assert [set(scores.values()) for scores in asking.arrived()] == [{750}]
        visitor.visit("/pulse")


def test_an_answer_of_the_server_that_got_lost_is_asked_for_again(asking: Site, visitor: Visitor) -> None:
    page = visitor.page

    def lost(route: Route) -> None:
        route.fetch()
        route.abort()

    page.context.route("**/pulse/ballot", lost)
    choose(page, 2)
    send(page)
    told(page, "Not sent yet")
    assert (issued(), kept(page)) == (1, ["not drawn"])
    page.close()
    visitor.page = page.context.new_page()
    page.context.unroute("**/pulse/ballot")
    visitor.visit("/pulse")  # which says that the ballot was drawn, and asks for its signature again
    said(visitor.page, "waiting")
    visitor.visit("/pulse/seen")
    assert issued() == 1
    assert [set(scores.values()) for scores in asking.arrived()] == [{500}]


def test_pulse_out_of_reach_keeps_the_answers_and_tries_again(asking: Site, visitor: Visitor) -> None:
    page = visitor.page
    unreachable(page.context, "**/pulse/ballot")
    choose(page, 4)
    send(page)
    told(page, "This browser keeps your answers")
    assert ready(page).locator("input:checked").count() == 5
    page.context.unroute("**/pulse/ballot")
    thanked(page)  # by itself, some seconds later
    visitor.visit("/pulse/seen")
    assert len(asking.arrived()) == 1


def test_the_ballot_host_out_of_reach_and_back(browser: Browser, asking: Site) -> None:
    visitor = asking.enter(Visitor.at(browser, asking.address), WHO)
    visitor.page.clock.install()
    page = visitor.visit("/pulse").page
    unreachable(page.context, "http://localhost:*/**")
    choose(page)
    send(page)
    thanked(page)
    page.clock.run_for(605_000)
    said(page, "unreachable")
    assert kept(page) == ["drawn"]
    page.context.unroute("http://localhost:*/**")
    page.clock.run_for(30_000)
    said(page, "counted")
    assert (len(counted()), kept(page)) == (1, [])
    visitor.close()


def test_where_the_browser_keeps_nothing_the_ballot_is_cast_at_once(browser: Browser, asking: Site) -> None:
    visitor = Visitor.at(browser, asking.address)
    visitor.page.add_init_script(NOTHING_KEPT)
    page = asking.enter(visitor, WHO).visit("/pulse").page
    choose(page)
    send(page)
    thanked(page)
    said(page, "counted")
    assert len(counted()) == 1
    visitor.close()


def test_a_private_window_is_as_good_as_any(browser: Browser, asking: Site) -> None:
    visitor = Visitor.at(browser, asking.address)  # each visitor's browser forgets everything when it closes
    page = asking.enter(visitor, WHO).visit("/pulse").page
    choose(page)
    send(page)
    thanked(page)
    visitor.visit("/pulse/seen").close()
    assert len(asking.arrived()) == 1


@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(days=1)], ids=["behind", "ahead"])
def test_a_clock_wrong_by_a_day_changes_nothing(browser: Browser, asking: Site, off: timedelta) -> None:
    visitor = asking.enter(Visitor.at(browser, asking.address), WHO)
    visitor.page.clock.install(time=datetime.now(UTC) + off)
    page = visitor.visit("/pulse").page
    choose(page)
    send(page)
    thanked(page)
    page.clock.run_for(605_000)
    said(page, "counted")
    visitor.close()


def test_a_comment_of_a_thousand_emoji_arrives_whole(asking: Site, visitor: Visitor) -> None:
    choose(visitor.page)
    visitor.page.fill("#comment", "\N{GRINNING FACE}" * 1000)
    send(visitor.page)
    thanked(visitor.page)
    visitor.visit("/pulse/seen")
    asking.arrived(1)
    with urn.reading() as session:
        assert session.scalars(select(Remark.text)).all() == ["\N{GRINNING FACE}" * 1000]


def test_twelve_requests_at_once_draw_one_ballot(visitor: Visitor) -> None:
    found = visitor.page.evaluate(REQUESTS)
    assert sorted(found) == [[200, ""]] + [[409, "drawn"]] * 11
    assert issued() == 1


def test_somebody_signed_out_meanwhile_signs_in_again_and_it_is_sent(asking: Site, visitor: Visitor) -> None:
    page = visitor.page
    choose(page, 1)
    page.context.clear_cookies()
    send(page)
    told(page, "You have been signed out")
    assert (issued(), kept(page)) == (0, ["not drawn"])
    visitor.press("[data-refused=signed-out] a")
    page.fill("#email", WHO)
    page.fill("#password", PASSWORD)
    page.locator("button.go").first.click()
    thanked(page)
    visitor.visit("/pulse/seen")
    assert [set(scores.values()) for scores in asking.arrived()] == [{250}]


def test_a_page_left_open_past_the_end_is_told_so(
    browser: Browser, asking: Site, time: time_machine.Traveller
) -> None:
    time.move_to(OVER - timedelta(hours=1))  # no visit lasts as long as a pulse
    visitor = asking.enter(Visitor.at(browser, asking.address), WHO).visit("/pulse")
    choose(visitor.page)
    time.move_to(OVER)
    send(visitor.page)
    told(visitor.page, "pulse is closed. Nothing was sent.")
    assert (issued(), kept(visitor.page)) == (0, [])
    visitor.close()


def test_a_ballot_that_comes_after_the_urn_closed_is_not_counted_and_says_so(
    browser: Browser, asking: Site, time: time_machine.Traveller
) -> None:
    visitor = asking.enter(Visitor.at(browser, asking.address), WHO)
    visitor.page.clock.install()
    page = visitor.visit("/pulse").page
    choose(page)
    send(page)
    thanked(page)
    time.move_to(OVER + timedelta(days=1))
    page.clock.run_for(605_000)
    said(page, "closed")
    assert (counted(), kept(page)) == ([], [])
    visitor.close()


def test_two_people_of_one_browser_draw_a_ballot_each(asking: Site, visitor: Visitor) -> None:
    page = visitor.page
    unreachable(page.context, "**/pulse/ballot")
    choose(page, 1)
    send(page)
    told(page, "Not sent yet")
    page.context.unroute("**/pulse/ballot")
    asking.enter(visitor, "north1@example.org").visit("/pulse")
    choose(page, 3)
    send(page)
    thanked(page)
    visitor.visit("/pulse/seen")
    assert [max(scores.values()) for scores in asking.arrived()] == [750]
    asking.enter(visitor, WHO).visit("/pulse")
    thanked(page)  # what the first could not send is sent when they are back
    visitor.visit("/pulse/seen")
    assert sorted(max(scores.values()) for scores in asking.arrived(2)) == [250, 750]
    assert issued() == 2


@pytest.mark.parametrize("wrong", ["mail", "door", "key", "people"])
def test_a_key_that_is_not_everybodys_draws_nothing(browser: Browser, asking: Site, wrong: str) -> None:
    visitor = Visitor.at(browser, asking.address)
    page = visitor.page
    if wrong == "door":  # the fingerprint of the mail, kept there over the way to a sign-in service and back
        visitor.visit("/sign-in?next=/pulse#" + "0" * 64)
    asking.enter(visitor, WHO)

    def forged(route: Route) -> None:
        reply = route.fetch()
        body = reply.text()
        data = json.loads(body.split('id="ballot">')[1].split("</script>")[0])
        changed = data | ({"people": data["people"] + 1} if wrong == "people" else {"root": "0" * 64})
        route.fulfill(response=reply, body=body.replace(json.dumps(data), json.dumps(changed)))

    if wrong in ("key", "people"):
        page.route("**/pulse", forged)
    visitor.visit("/pulse" + ("#" + "0" * 64 if wrong == "mail" else ""))
    told(page, "The fingerprint of this page is not the one everybody got")
    assert not page.locator("#answers").is_visible()
    assert issued() == 0
    visitor.close()


def test_a_forged_signature_is_not_used(visitor: Visitor) -> None:
    page = visitor.page
    page.route("**/pulse/ballot", lambda route: route.fulfill(json={"signature": "A" * 342}))
    choose(page)
    send(page)
    told(page, "The signature of your ballot is not right")
    assert counted() == []


def test_a_script_that_was_changed_on_its_way_does_not_run(browser: Browser, asking: Site) -> None:
    visitor = asking.enter(Visitor.at(browser, asking.address), WHO)
    page = visitor.page
    page.route(
        "**/ballot.js*", lambda route: route.fulfill(response=(got := route.fetch()), body=got.text() + "\n;")
    )
    visitor.visit("/pulse")
    page.locator("#ways button").wait_for(state="visible")
    assert not page.locator("#answers").is_visible()
    visitor.close()
