"""Groups of answers that say much the same in their own words. The night's job alone imports scikit-learn.

Words and pieces of words, weighed by how rare they are (TF-IDF), are brought down to a few dozen directions
(latent semantic analysis, Deerwester et al. 1990, JASIS 41, 391), in which those that keep the same company
lie close. Half of what all of them have in common is taken out: long texts are alike in that they are long.
Groups are joined from the closest on (average linkage) up to a distance that was chosen on real texts
(benchmarks/grouping.py); then each answer goes to the group whose middle it is nearest to, or to none.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize
from sklearn.utils.extmath import randomized_svd

from surveys.proposals.carrying import FEWEST
from surveys.proposals.empty_words import EMPTY_WORDS
from surveys.responses.masking import MASK

Matrix = NDArray[np.float64]

DIRECTIONS = 30
APART = 0.9  # cosine distance up to which groups are joined, on average
COMMON = 0.5  # of what all have in common is taken out; all of it would dissolve what everybody says
FEW = 50  # answers: of so many half as much, for what few have in common is what they are about
NOTHING = 1e-9
NEAR = 0.25  # cosine to a group's middle below which an answer belongs to none
ROUNDS = 5
MOST_JOINED = 3000  # answers that groups are made of; further ones go to the nearest
TYPICAL_WORDS = 6
MOST_PIECES = 60_000
WORD = r"(?u)\b[^\W\d_]{2,}\b"
NAME = re.compile(r"@\w+|https?://\S+")


@dataclass(frozen=True)
class Group:
    """Answers that say much the same: their places in the list, the most typical first, and its words."""

    members: tuple[int, ...]
    words: tuple[str, ...]


def groups(texts: Sequence[str]) -> list[Group]:
    """The groups among some answers in one language, the largest first; most belong to one, some to none.

    texts -- (n,) answers, already masked; the same ones give the same groups

    What is said word for word several times is one thing to say, said by several.
    """
    said: dict[str, list[int]] = {}
    for at, text in enumerate(texts):
        said.setdefault(" ".join(_plain(text).split()), []).append(at)
    said = {words: places for words, places in said.items() if re.search(WORD, words)}
    plain = list(said)
    copies = np.array([len(said[words]) for words in plain], dtype=np.int_)
    places = _directions(_weights(plain)) if plain else np.zeros((0, 1))
    labels = _refined(places, _joined(places, _sample(plain)), copies)
    found = [_typical(places, np.flatnonzero(labels == label)) for label in set(labels.tolist()) - {-1}]
    found.sort(key=lambda members: (-copies[list(members)].sum(), members))
    return [
        Group(tuple(at for member in members for at in said[plain[member]]), words)
        for members, words in zip(found, _words(plain, found, _spelling(texts)), strict=True)
    ]


def _plain(text: str) -> str:
    """A text in small letters without accents, names and what was masked."""
    return _bare(NAME.sub(" ", text.replace(MASK, " ")).casefold().replace("’", "'"))


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _weights(plain: Sequence[str]) -> csr_matrix:
    """(n, features) words, and pairs of them, beside pieces of words, each row of length 1 (or 0)."""
    words = TfidfVectorizer(
        stop_words=list(EMPTY_WORDS), token_pattern=WORD, ngram_range=(1, 2), min_df=2, sublinear_tf=True
    )
    pieces = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), min_df=2, sublinear_tf=True, max_features=MOST_PIECES
    )
    found = []
    for vectorizer in (words, pieces):
        with suppress(ValueError):  # nothing that two of them share
            found.append(vectorizer.fit_transform(plain))
    return normalize(hstack(found).tocsr()) if found else csr_matrix((len(plain), 1))


def _directions(weights: csr_matrix) -> Matrix:
    """(n, d) places of the answers, each of length 1, or 0 for an answer that shares nothing with others."""
    most = min(DIRECTIONS, weights.shape[0] - 1, weights.shape[1] - 1)
    if most < 1:
        return np.asarray(weights.toarray(), dtype=np.float64)
    left, strength, _ = randomized_svd(weights, most, random_state=0)
    found = left * strength
    there = np.linalg.norm(found, axis=1) > NOTHING
    found[~there] = 0.0
    if there.any():
        found[there] -= COMMON * there.sum() / (there.sum() + FEW) * found[there].mean(axis=0)
    return np.asarray(normalize(found), dtype=np.float64)


def _sample(plain: Sequence[str]) -> NDArray[np.int_]:
    """Places of the answers that groups are made of: all, or so many drawn by what they say."""
    drawn = sorted(range(len(plain)), key=lambda at: hashlib.sha256(plain[at].encode()).digest())
    return np.array(sorted(drawn[:MOST_JOINED]), dtype=np.int_)


def _joined(places: Matrix, sample: NDArray[np.int_]) -> NDArray[np.int_]:
    """(n,) the group of each answer in the sample, -1 for the others; what shares nothing is alone."""
    labels = np.full(len(places), -1, dtype=np.int_)
    labels[sample] = len(places) + sample
    there = sample[np.linalg.norm(places[sample], axis=1) > 0.5]
    if len(there) > 1:
        tree = linkage(places[there], "average", metric="cosine")
        labels[there] = fcluster(tree, APART, "distance")
    return labels


def _refined(places: Matrix, labels: NDArray[np.int_], copies: NDArray[np.int_]) -> NDArray[np.int_]:
    """(n,) each answer in the group whose middle is nearest, -1 where none is near enough.

    copies -- (n,) how often each was given: groups of fewer than FEWEST are none
    """
    for _ in range(ROUNDS):
        known, at = np.unique(labels, return_inverse=True)
        sizes = np.bincount(at, weights=copies, minlength=len(known))
        kept = known[(sizes >= FEWEST) & (known >= 0)]
        if not len(kept):
            return np.full(len(places), -1, dtype=np.int_)
        middles = normalize(np.array([places[labels == label].mean(axis=0) for label in kept]))
        nearness = places @ middles.T
        nearest = np.where(nearness.max(axis=1) < NEAR, -1, kept[nearness.argmax(axis=1)])
        # What shares nothing with others lies nowhere, and is near nothing: not even to itself.
        labels = np.where(places.any(axis=1), nearest, np.where(np.isin(labels, kept), labels, -1))
    return labels


def _typical(places: Matrix, members: NDArray[np.int_]) -> tuple[int, ...]:
    """Members in the order of how near they are to their middle."""
    middle = places[members].mean(axis=0)
    order = np.lexsort((members, -(places[members] @ middle).round(9)))
    return tuple(int(member) for member in members[order])


def _words(
    plain: Sequence[str], kept: Sequence[Sequence[int]], spelt: Mapping[str, str]
) -> list[tuple[str, ...]]:
    """The words that tell each group from the others; spelt -- how a word without accents is written."""
    whole = [" ".join(plain[member] for member in members) for members in kept]
    vectorizer = TfidfVectorizer(stop_words=list(EMPTY_WORDS), token_pattern=WORD, sublinear_tf=True)
    try:
        weights = vectorizer.fit_transform(whole)
    except ValueError:
        return [()] * len(kept)
    names = vectorizer.get_feature_names_out()
    return [
        tuple(
            spelt.get(str(names[at]), str(names[at]))
            for at in np.argsort(-row, kind="stable")[:TYPICAL_WORDS]
            if row[at] > 0
        )
        for row in weights.toarray()
    ]


def _spelling(texts: Sequence[str]) -> dict[str, str]:
    """How the words that were taken apart from their accents are mostly written."""
    seen: dict[str, Counter[str]] = {}
    for text in texts:
        for word in re.findall(WORD, text.casefold().replace("’", "'")):
            seen.setdefault(_bare(word), Counter())[word] += 1
    return {bare: max(sorted(found), key=found.__getitem__) for bare, found in seen.items()}
