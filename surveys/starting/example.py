"""An example of a company folder, and common irritants to start from: small, and in both languages."""

# ruff: noqa: E501 - sentences that people read stay whole

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from pulse.months import month_of, shifted, written

Rows = Sequence[Sequence[object]]
EARLIEST = (1980, 1, 1, 0, 0, 0)  # what a ZIP can say at least: the same example is the same file
MONTHS, SINCE_FIX = 9, 3  # months of answers, and how many of them after the fix began

# code | where it is met in the example; label, customers' question and employees' question, English then French
_IRRITANTS = """
waiting | phone
Waiting on the phone
Attente au téléphone
How much did waiting on the phone bother you?
À quel point l’attente au téléphone vous a-t-elle posé problème ?
This month, how much did full telephone queues weigh on your work?
Ce mois-ci, à quel point les files d’attente au téléphone ont-elles pesé sur votre travail ?

repeating | phone letter
Having to explain everything again
Devoir tout réexpliquer
How much did having to explain your request again bother you?
À quel point devoir réexpliquer votre demande vous a-t-il posé problème ?
This month, how much work did requests passed on without their history cause you?
Ce mois-ci, quelle charge de travail les demandes transmises sans leur historique vous ont-elles donnée ?

bill | phone letter
Bills that are hard to understand
Factures difficiles à comprendre
How much did an unclear or wrong bill bother you?
À quel point une facture peu claire ou fausse vous a-t-elle posé problème ?
This month, how much work did unclear or wrong bills cause you?
Ce mois-ci, quelle charge de travail les factures peu claires ou fausses vous ont-elles donnée ?

appointment | phone visit
Appointments moved or missed
Rendez-vous déplacés ou manqués
How much did a moved or missed appointment bother you?
À quel point un rendez-vous déplacé ou manqué vous a-t-il posé problème ?
This month, how much extra work did moved or missed appointments cause you?
Ce mois-ci, quel surcroît de travail les rendez-vous déplacés ou manqués vous ont-ils donné ?

missing-part | visit
Work left unfinished for lack of a part
Travaux inachevés faute de pièce
How much did work left unfinished for lack of a part bother you?
À quel point des travaux inachevés faute de pièce vous ont-ils posé problème ?
This month, how much did missing parts hold your work up?
Ce mois-ci, à quel point les pièces manquantes ont-elles retardé votre travail ?

no-answer | letter
Letters and mails without an answer
Courriers et courriels sans réponse
How much did waiting for an answer in writing bother you?
À quel point attendre une réponse écrite vous a-t-il posé problème ?
This month, how much did letters waiting for an answer weigh on your work?
Ce mois-ci, à quel point les courriers en attente de réponse ont-ils pesé sur votre travail ?

forms |
Too many forms and papers
Trop de formulaires et de justificatifs
How much did forms and papers asked of you bother you?
À quel point les formulaires et justificatifs demandés vous ont-ils posé problème ?
This month, how much work did checking forms and papers cause you?
Ce mois-ci, quelle charge de travail le contrôle des formulaires et justificatifs vous a-t-il donnée ?

website |
The website or app did not work
Site ou application en panne
How much did a website or app that did not work bother you?
À quel point un site ou une application en panne vous a-t-il posé problème ?
This month, how much work did faults of the website or app cause you?
Ce mois-ci, quelle charge de travail les pannes du site ou de l’application vous ont-elles donnée ?

delivery |
Late deliveries
Livraisons en retard
How much did a late delivery bother you?
À quel point une livraison en retard vous a-t-elle posé problème ?
This month, how much did late deliveries weigh on your work?
Ce mois-ci, à quel point les livraisons en retard ont-elles pesé sur votre travail ?

refund |
Slow refunds
Remboursements lents
How much did waiting for a refund bother you?
À quel point attendre un remboursement vous a-t-il posé problème ?
This month, how much work did refunds cause you?
Ce mois-ci, quelle charge de travail les remboursements vous ont-ils donnée ?

contradiction |
Different answers from different people
Réponses différentes selon l’interlocuteur
How much did getting different answers from different people bother you?
À quel point recevoir des réponses différentes selon l’interlocuteur vous a-t-il posé problème ?
This month, how much did unclear or changing rules weigh on your work?
Ce mois-ci, à quel point des règles peu claires ou changeantes ont-elles pesé sur votre travail ?

nobody |
Nobody in charge of a request
Personne en charge d’une demande
How much did finding nobody in charge of your request bother you?
À quel point ne trouver personne en charge de votre demande vous a-t-il posé problème ?
This month, how much work did requests that nobody was in charge of cause you?
Ce mois-ci, quelle charge de travail les demandes dont personne n’était en charge vous ont-elles donnée ?
"""

TEAMS: Rows = (
    ("company", "Example company", "Entreprise d’exemple", "", ""),
    ("service", "Customer service", "Service client", "company", ""),
    ("hotline", "Telephone service", "Service téléphonique", "service", 34),
    ("letters", "Letters and complaints", "Courriers et réclamations", "service", 12),
    ("field", "Work at customers’ homes", "Interventions à domicile", "company", ""),
    ("fitters", "Fitters", "Techniciens", "field", 41),
    ("planning", "Planning of visits", "Planification des visites", "field", 9),
    ("office", "Office", "Fonctions support", "company", ""),
    ("billing", "Billing", "Facturation", "office", 16),
    ("stores", "Stores and parts", "Magasin et pièces", "office", 11),
)
CHAIN: Rows = (
    ("hotline", "CUSTOMERS"),
    ("letters", "CUSTOMERS"),
    ("fitters", "CUSTOMERS"),
    ("billing", "hotline"),
    ("billing", "letters"),
    ("planning", "hotline"),
    ("planning", "fitters"),
    ("stores", "fitters"),
    ("stores", "planning"),
)
TOUCHPOINTS: Rows = (
    ("phone", "Telephone", "Téléphone", "hotline"),
    ("letter", "Letter or e-mail", "Courrier ou courriel", "letters"),
    ("visit", "Visit at home", "Visite à domicile", "fitters"),
)
AT = {
    "phone": ("hotline", "billing", "planning"),
    "letter": ("letters", "billing"),
    "visit": ("fitters", "planning", "stores"),
}
FIX = "call-back"
ON = "waiting"  # the irritant that the fix is about


@dataclass(frozen=True)
class Pair:
    """An irritant with both its questions in both languages; touchpoints -- where the example meets it."""

    code: str
    touchpoints: tuple[str, ...]
    words: tuple[str, ...]


def irritants() -> list[Pair]:
    """The common irritants, those of the example first."""
    found = []
    for block in _IRRITANTS.strip().split("\n\n"):
        first, *words = block.splitlines()
        code, _, places = (part.strip() for part in first.partition("|"))
        found.append(Pair(code, tuple(places.split()), tuple(map(_spaced, words))))
    return found


def _spaced(words: str) -> str:
    """A sentence with the narrow space that French writes before a question mark."""
    return words.replace(" ?", "\N{NARROW NO-BREAK SPACE}?")


def folder(today: date) -> dict[str, str]:
    """The files of the example, by name; its months of answers end with the last one that is over."""
    months = [shifted(month_of(today), ago) for ago in range(-MONTHS, 0)]
    started = months[-SINCE_FIX]
    ours = [pair for pair in irritants() if pair.touchpoints]
    return {
        "teams.csv": _csv(("team", "name", "name_fr", "parent", "headcount"), TEAMS),
        "value_chain.csv": _csv(("supplier", "customer"), CHAIN),
        "touchpoints.csv": _csv(("touchpoint", "name", "name_fr", "team"), TOUCHPOINTS),
        "irritants.csv": _csv(
            COLUMNS, [(pair.code, *pair.words, "|".join(pair.touchpoints)) for pair in ours]
        ),
        "fixes.csv": _csv(FIX_COLUMNS, [_fix(started)]),
        "customer_answers.csv": _csv(
            ("month", "touchpoint", "irritant", "score", "count"), list(_customers(ours, months))
        ),
        "employee_answers.csv": _csv(
            ("month", "team", "irritant", "score", "count"), list(_employees(ours, months))
        ),
    }


COLUMNS = (
    *("irritant", "label", "label_fr", "customer_question", "customer_question_fr"),
    *("employee_question", "employee_question_fr", "touchpoints"),
)
FIX_COLUMNS = (
    *("fix", "name", "name_fr", "irritant", "started", "touchpoints"),
    *("owner", "expected_customer", "expected_staff"),
)


def _fix(started: date) -> Sequence[object]:
    name = ("Offering to call back instead of waiting", "Proposer de rappeler plutôt que de faire attendre")
    return (FIX, *name, ON, written(started), "phone", "Marie Durand", -2, 0)


def _customers(pairs: Sequence[Pair], months: Sequence[date]) -> Iterator[Sequence[object]]:
    """What customers answered: the fix makes the irritant it is about smaller."""
    for at, month in enumerate(months):
        for number, pair in enumerate(pairs):
            relief = 6 if pair.code == ON and at >= MONTHS - SINCE_FIX else 0
            for touchpoint in pair.touchpoints:
                for score, count in ((0, 9 + relief), (5, 8 + (at + number) % 3), (10, 7 - relief)):
                    yield written(month), touchpoint, pair.code, score, count


def _employees(pairs: Sequence[Pair], months: Sequence[date]) -> Iterator[Sequence[object]]:
    """What employees answered: calls that are promised have to be made by somebody."""
    sizes = {row[0]: row[4] for row in TEAMS if row[4]}
    for at, month in enumerate(months):
        for number, pair in enumerate(pairs):
            for team in dict.fromkeys(team for touchpoint in pair.touchpoints for team in AT[touchpoint]):
                people = int(str(sizes[team])) * 6 // 10
                high = (people + (at + number) % 2) // 5
                if pair.code == ON and team == "hotline" and at >= MONTHS - SINCE_FIX:
                    high += 6
                for score, count in ((0, people - 2 * high), (5, high), (10, high)):
                    if count:
                        yield written(month), team, pair.code, score, count


def packed(today: date) -> bytes:
    """The example as a ZIP."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in folder(today).items():
            entry = zipfile.ZipInfo(f"pulse-example/{name}", EARLIEST)
            archive.writestr(entry, text.encode("utf-8-sig"), zipfile.ZIP_DEFLATED)
    return into.getvalue()


def library() -> bytes:
    """An irritants.csv of common irritants, met everywhere until somebody writes where."""
    rows = [(pair.code, *pair.words, "") for pair in irritants()]
    return _csv(COLUMNS, rows).encode("utf-8-sig")  # with its mark, so that spreadsheets read accents


def _csv(header: Sequence[str], rows: Rows) -> str:
    """A table as spreadsheets of both languages open it: semicolons, and whole numbers alone."""
    into = io.StringIO()
    writer = csv.writer(into, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return into.getvalue()
