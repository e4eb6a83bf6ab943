"""A canary in every stored text, and the pages that show it: a small run of the benchmark."""

from playwright.sync_api import Browser

from benchmarks.canary import KEPT, MARKUP, looked, texts


def test_a_canary_in_every_stored_text_runs_on_no_page(browser: Browser) -> None:
    report = looked(browser, samples=1, visited=1, roles=("customer", "admin"), canaries=[MARKUP], most=4)

    assert (report.ran, report.wrong, report.empty) == ([], [], [])
    assert (
        report.planted | KEPT.keys() == texts().keys()
    )  # a new column is planted by itself, or says why not
    assert not report.planted & KEPT.keys()
    assert len(report.shown) > 40  # canaries that stood on pages, as text
    assert report.read > 60
    assert report.visited > 5
