"""How well what customers write in their own words is grouped, on real labelled texts in both languages.

    python -m benchmarks.grouping            on held-out texts, several sizes and draws
    python -m benchmarks.grouping --choose   on those that the method's numbers were chosen on

Agreement is told by the adjusted Rand index (Hubert & Arabie 1985, Journal of Classification 2, 193): 1 =
the labels' very groups, 0 = as by chance; putting all into the largest class gives 0 by definition. Texts
that belong to no group count as alone. Beside it stands the plain way, k-means on counts of words, told how
many groups there really are, which our method has to find out, and told as many as our method found.

The numbers of the method (directions, distance, nearness) were chosen on two files alone: tweets to airlines
(label: negativereason, those that give one) and the titles of a French consumer service's tree of complaints
(label: the first level). All others are held out. The texts are read where they lie and never become part of
this project.
"""

import csv
import random
import re
import sys
import time
from collections.abc import Callable, Sequence
from statistics import mean

from config import ROOT
from surveys.proposals.grouping import groups
from surveys.responses.masking import masked

Labelled = list[tuple[str, str]]  # text and label

TEXTS = ROOT.parent / "shared" / "data" / "text"
SIZES = (150, 500, 1500, 5000)
SEEDS = 5
FEWEST_OF_A_LABEL = 5  # texts: a label of fewer is no group that could be found


def _rows(name: str) -> list[dict[str, str]]:
    with (TEXTS / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def airlines() -> Labelled:
    """English tweets by why they complain; those of which nobody could tell are left out."""
    rows = _rows("en_airline_tweets_sample.csv")
    return [
        (row["text"], row["negativereason"])
        for row in rows
        if row["negativereason"] not in ("", "Can't Tell")
    ]


def titles() -> Labelled:
    """French titles of complaints by the branch they hang on; the branch's own name is left out."""
    rows = _rows("taxonomy_signalconso_fr_en.csv")
    parts = [(row["title_fr"].split(" > "), row["key"].split(" > ")) for row in rows]
    return [(" ".join(title[1:]), key[0]) for title, key in parts if len(title) > 1]


def patients() -> Labelled:
    """English comments of patients that criticise, by what they are about (label)."""
    left_out = ("Couldn't be improved", "Miscellaneous")
    return [
        (row["feedback"], row["label"])
        for row in _rows("en_patient_comments_labelled.csv")
        if row["criticality"].startswith("-") and row["label"] not in left_out
    ]


def complaints() -> Labelled:
    """English complaints about banks by Product."""
    rows = _rows("en_cfpb_complaints_sample.csv")
    return [
        (re.sub(r"X{2,}|\{|\}", " ", row["Consumer complaint narrative"]), row["Product"]) for row in rows
    ]


def reports() -> Labelled:
    """French reports of consumers by category."""
    rows = _rows("fr_signalconso_reports.csv")
    return [(row["verbatim"], row["category"].split(";")[0]) for row in rows if row["category"]]


CHOSEN_ON = {"airlines (en)": airlines, "titles (fr)": titles}
HELD_OUT = {"patients (en)": patients, "complaints (en)": complaints, "reports (fr)": reports}


def frequent(texts: Labelled) -> Labelled:
    """The texts whose label several bear."""
    labels = [label for _, label in texts]
    return [(text, label) for text, label in texts if labels.count(label) >= FEWEST_OF_A_LABEL]


def ours(texts: Sequence[str]) -> list[int]:
    """(n,) the group of each text; what belongs to none is alone."""
    found = list(range(-len(texts), 0))
    for number, group in enumerate(groups(texts)):
        for member in group.members:
            found[member] = number
    return found


def plain(texts: Sequence[str], number: int, seed: int) -> list[int]:
    """(n,) the group of each text by k-means on counts of words, as many groups as told."""
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import CountVectorizer

    counts = CountVectorizer().fit_transform(texts)
    return [int(label) for label in KMeans(number, n_init=3, random_state=seed).fit_predict(counts)]


def agreement(labels: Sequence[str], found: Sequence[int]) -> float:
    """The adjusted Rand index."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(labels, found))


def tried(texts: Labelled, size: int, seed: int) -> tuple[float, float, float, int, float]:
    """Agreement of ours, of the plain way with the true and with our number of groups; groups; seconds."""
    drawn = random.Random(seed).sample(texts, min(size, len(texts)))
    said, labels = [masked(text) for text, _ in drawn], [label for _, label in drawn]
    began = time.perf_counter()
    mine = ours(said)
    took = time.perf_counter() - began
    number = len({label for label in mine if label >= 0})
    theirs = [plain(said, k, seed) for k in (len(set(labels)), max(number, 2))]
    return agreement(labels, mine), *(agreement(labels, found) for found in theirs), number, took  # type: ignore[return-value]


def told(files: dict[str, Callable[[], Labelled]]) -> None:
    """Print a line for each file and size."""
    print("| texts | labels | n | ours (worst to best) | groups | plain, true k | plain, our k | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for name, read in files.items():
        texts = frequent(read())
        for size in [size for size in SIZES if size < len(texts)] + [len(texts)]:
            draws = [tried(texts, size, seed) for seed in range(SEEDS if size < len(texts) else 1)]
            mine = [draw[0] for draw in draws]
            print(
                f"| {name} | {len({label for _, label in texts})} | {size}"
                f" | {mean(mine):.3f} ({min(mine):.3f} to {max(mine):.3f})"
                f" | {mean(draw[3] for draw in draws):.0f} | {mean(draw[1] for draw in draws):.3f}"
                f" | {mean(draw[2] for draw in draws):.3f} | {mean(draw[4] for draw in draws):.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    told(CHOSEN_ON if "--choose" in sys.argv else HELD_OUT)
