"""The locked dependencies: pinned by hash, from no named place, and the same for running and for testing."""

import re

import pytest

from config import ROOT

LOCKS = ("requirements.txt", "requirements-test.txt")
PIN = re.compile(
    r"^([a-z0-9-]+)==(\S+)( ; [^\\]+?)? \\((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+)$", re.M
)


def pins(lock: str) -> set[tuple[str, str, str]]:
    """Name, version and condition of everything in a lock."""
    return {(name, version, condition) for name, version, condition, _ in PIN.findall(text(lock))}


def text(lock: str) -> str:
    return (ROOT / lock).read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_nothing_but_pins_with_hashes(lock):
    assert PIN.sub("", text(lock)).strip() == ""


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(lock):
    assert not re.search(r"https?:|--(extra-)?index|--find-links|@", text(lock))


def test_the_tests_run_on_the_very_versions_that_serve():
    tests = pins("requirements-test.txt")
    everywhere = {(name, version) for name, version, condition in tests if not condition}
    assert not [pin for pin in pins("requirements.txt") - tests if pin[:2] not in everywhere]
