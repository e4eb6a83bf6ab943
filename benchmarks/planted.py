"""Every planted truth of the made-up company against what the commands say about it, seed by seed.

    python -m benchmarks.planted [SEED ...]        (default: 1 2 3 4 5 7)

Runs `flask demo --out`, `load`, `correlate --replay` and `verdicts` as a user would, on a fresh SQLite
database and, where PGHOST is set, on a fresh PostgreSQL one; each twice, and compares the bytes.
"""

import csv
import io
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psycopg

FLASK = Path(sys.executable).with_name("flask")
SEEDS = (1, 2, 3, 4, 5, 7)
OWN_TEAMS = ("resolved", "disp_same")


def flask(*arguments: str, databases: dict[str, str]) -> str:
    """What a command printed; stops the benchmark where it fails."""
    return subprocess.run(
        [FLASK, *arguments], env=os.environ | databases, check=True, capture_output=True, text=True
    ).stdout


def sqlite(folder: Path, name: str) -> dict[str, str]:
    """Settings of a fresh SQLite database."""
    return {
        "PULSE_DATABASE_URL": f"sqlite:///{folder / name}.sqlite",
        "PULSE_URN_URL": f"sqlite:///{folder / name}-urn.sqlite",
    }


def postgresql(name: str) -> dict[str, str]:
    """Settings of a fresh PostgreSQL database."""
    env = os.environ
    server = f"postgresql://{env['PGUSER']}:{env.get('PGPASSWORD', '')}@{env['PGHOST']}:{env['PGPORT']}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        for database in (name, f"{name}_urn"):
            connection.execute(f"DROP DATABASE IF EXISTS {database}".encode())
            connection.execute(f"CREATE DATABASE {database}".encode())
    return {"PULSE_DATABASE_URL": f"{server}/{name}", "PULSE_URN_URL": f"{server}/{name}_urn"}


def concluded(company: Path, databases: dict[str, str]) -> tuple[str, str, float]:
    """The latest verdicts and the whole history as CSV, and how many seconds load and replay took."""
    flask("db", "upgrade", databases=databases)
    began = time.perf_counter()
    flask("load", str(company), databases=databases)
    flask("correlate", "--replay", databases=databases)
    seconds = time.perf_counter() - began
    latest = flask("verdicts", "--format", "csv", databases=databases)
    history = flask("verdicts", "--history", "--format", "csv", databases=databases)
    flask("correlate", "--replay", databases=databases)
    if flask("verdicts", "--revisions", "--format", "csv", databases=databases) != history:
        sys.exit("a second replay said something else")
    return latest, history, seconds


def rows(text: str) -> list[dict[str, str]]:
    """The rows of a CSV text."""
    return list(csv.DictReader(io.StringIO(text)))


def judged(truth: list[dict[str, str]], latest: str, history: str) -> list[str]:
    """What was said wrongly, a line each."""
    said = {row["fix"]: row for row in rows(latest)}
    accused = {row["fix"] for row in rows(history) if row["verdict"] == "displaced"}
    wrong = []
    for planted in truth:
        fix, kind, row = planted["fix"], planted["class"], said[planted["fix"]]
        if row["verdict"] != planted["verdict"]:
            wrong.append(f"{fix} ({kind}): {row['verdict']} {row['reason']}")
        elif kind.startswith("disp") and not landed_rightly(row, planted):
            wrong.append(f"{fix} ({kind}): landed on {row['landing_team']} {row['landing_irritant']}")
        if planted["verdict"] != "displaced" and fix in accused:
            wrong.append(f"{fix} ({kind}): wrongly flagged as displaced")
    return wrong


def landed_rightly(row: dict[str, str], planted: dict[str, str]) -> bool:
    """Whether a verdict names the planted teams and irritant."""
    teams = set(row["landing_team"].split("|")) == set(planted["landing_teams"].split("|"))
    return teams and row["landing_irritant"] == planted["landing_irritant"]


def main(seeds: list[int]) -> None:
    """Print a line a seed, and the totals."""
    right: Counter[str] = Counter()
    all_of: Counter[str] = Counter()
    for seed in seeds:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            company = folder / "company"
            flask("demo", "--seed", str(seed), "--out", str(company), databases=sqlite(folder, "none"))
            truth = rows((company / "truth.csv").read_text(encoding="utf-8"))
            latest, history, seconds = concluded(company, sqlite(folder, "main"))
            again = concluded(company, sqlite(folder, "again"))[:2] == (latest, history)
            alike = "not tried"
            if "PGHOST" in os.environ:
                same = concluded(company, postgresql(f"pulse_planted_{seed}"))[:2] == (latest, history)
                alike = "same bytes" if same else "OTHER BYTES"
        wrong = judged(truth, latest, history)
        for planted in truth:
            all_of[planted["class"]] += 1
            right[planted["class"]] += not any(line.startswith(planted["fix"] + " ") for line in wrong)
        twice = "same bytes" if again else "OTHER BYTES"
        print(
            f"seed {seed}: {len(truth) - len(wrong)} of {len(truth)} fixes right in {seconds:.0f} s; "
            f"second run {twice}; PostgreSQL {alike}",
            *wrong,
            sep="\n  ",
            flush=True,
        )
    print("by class:", ", ".join(f"{kind} {right[kind]}/{all_of[kind]}" for kind in sorted(all_of)))
    if any(right[kind] < all_of[kind] for kind in OWN_TEAMS):
        sys.exit("a fix that stays with its own teams was named wrongly")


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or list(SEEDS))
