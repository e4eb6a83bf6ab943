"""What annoys the made-up railway's customers: labels and both questions of each pair, in both languages."""

# ruff: noqa: E501 - sentences that people read stay whole

from dataclasses import dataclass


def english(text: str) -> str:
    """English with printed apostrophes, from what a keyboard types."""
    return text.replace("'", "’")


def french(text: str) -> str:
    """French with printed apostrophes and the spaces before ? and :, from what a keyboard types."""
    return english(text).replace(" ?", "\u202f?").replace(" :", "\u00a0:")


@dataclass(frozen=True)
class Irritant:
    """One thing that annoys customers, with both questions of the pair in both languages."""

    code: str
    touchpoints: tuple[str, ...]  # kinds
    label: str
    label_fr: str
    customer: str
    customer_fr: str
    employee: str
    employee_fr: str


# code | kinds of touchpoints, then label, customers' question and employees' question, each English then French
_BLOCKS = """
info | stations on-board contact website
Information during disruptions
Information en cas de perturbation
How much did missing or late information about a disruption bother you?
À quel point le manque d'information pendant une perturbation vous a-t-il posé problème ?
This month, how much did you have to make up for missing information during disruptions?
Ce mois-ci, à quel point avez-vous dû compenser le manque d'information pendant les perturbations ?

late | stations on-board contact
Late trains
Trains en retard
How much did the delay of your train bother you?
À quel point le retard de votre train vous a-t-il posé problème ?
This month, how much did late trains weigh on your work?
Ce mois-ci, à quel point les retards de trains ont-ils pesé sur votre travail ?

connection | stations on-board contact
Missed connections
Correspondances manquées
How much did a missed or uncertain connection bother you?
À quel point une correspondance manquée ou incertaine vous a-t-elle posé problème ?
This month, how much extra work did missed connections cause you?
Ce mois-ci, quelle charge de travail les correspondances manquées vous ont-elles ajoutée ?

platform | stations on-board
Last-minute platform changes
Changements de quai de dernière minute
How much did a last-minute platform change bother you?
À quel point un changement de quai de dernière minute vous a-t-il posé problème ?
This month, how much did last-minute platform changes disrupt your work?
Ce mois-ci, à quel point les changements de quai de dernière minute ont-ils perturbé votre travail ?

coach | stations on-board
Replacement coaches
Cars de remplacement
When a coach replaced your train, how much did it bother you?
Lorsqu'un car a remplacé votre train, à quel point cela vous a-t-il posé problème ?
This month, how much did organising replacement coaches fall on you?
Ce mois-ci, à quel point l'organisation des cars de remplacement est-elle retombée sur vous ?

crowd | stations on-board
Crowded trains
Trains bondés
How much did crowding, on the platform or on board, bother you?
À quel point l'affluence, à quai ou à bord, vous a-t-elle posé problème ?
This month, how much did crowded trains make your work harder?
Ce mois-ci, à quel point les trains bondés ont-ils compliqué votre travail ?

clean | on-board
Dirty trains and toilets
Propreté des trains et des toilettes
How much did dirt on the train or in its toilets bother you?
À quel point le manque de propreté du train ou de ses toilettes vous a-t-il posé problème ?
This month, how much did dirty trains or toilets fall on you to deal with?
Ce mois-ci, à quel point avez-vous dû gérer vous-même la saleté des trains ou des toilettes ?

heat | on-board
Too hot or too cold on board
Trop chaud ou trop froid à bord
How much did the temperature on board bother you?
À quel point la température à bord vous a-t-elle posé problème ?
This month, how much did heating or air-conditioning trouble weigh on your work?
Ce mois-ci, à quel point les problèmes de chauffage ou de climatisation ont-ils pesé sur votre travail ?

bikes | stations on-board
Room for bikes and luggage
Place pour les vélos et les bagages
How much did the lack of room for bikes or luggage bother you?
À quel point le manque de place pour les vélos ou les bagages vous a-t-il posé problème ?
This month, how much did bikes and bulky luggage add to your work?
Ce mois-ci, quelle charge de travail les vélos et les bagages encombrants vous ont-ils ajoutée ?

checks | on-board contact
Ticket checks felt to be unfair
Contrôles et amendes jugés injustes
How much did a ticket check or a fine that felt unfair bother you?
À quel point un contrôle ou une amende que vous jugez injuste vous a-t-il posé problème ?
This month, how much did disputes over checks and fines weigh on you?
Ce mois-ci, à quel point les conflits liés aux contrôles et aux amendes ont-ils pesé sur vous ?

assist | stations on-board
Assistance for reduced mobility
Assistance aux personnes à mobilité réduite
How much did difficulties in getting assistance to travel bother you?
À quel point la difficulté à obtenir une assistance pour voyager vous a-t-elle posé problème ?
This month, how much did assistance at short notice weigh on your work?
Ce mois-ci, à quel point les assistances demandées au dernier moment ont-elles pesé sur votre travail ?

queue | stations
Queues at the ticket office
Attente aux guichets
How much did the wait at the ticket office bother you?
À quel point l'attente au guichet vous a-t-elle posé problème ?
This month, how much did queues at the ticket office put pressure on you?
Ce mois-ci, à quel point les files d'attente aux guichets vous ont-elles mis sous pression ?

machines | stations website
Ticket machines and online sales out of order
Pannes des automates et de la vente en ligne
How much did a ticket machine or an online sale that failed bother you?
À quel point une panne d'automate ou de vente en ligne vous a-t-elle posé problème ?
This month, how much did breakdowns of machines or online sales add to your work?
Ce mois-ci, quelle charge de travail les pannes d'automates ou de vente en ligne vous ont-elles ajoutée ?

fares | stations contact website
Fares that are hard to understand
Tarifs difficiles à comprendre
How much did unclear fares or conditions bother you?
À quel point des tarifs ou des conditions peu clairs vous ont-ils posé problème ?
This month, how much time did explaining fares and conditions take from your other work?
Ce mois-ci, à quel point l'explication des tarifs et des conditions a-t-elle empiété sur votre travail ?

refunds | stations contact website
Slow refunds
Remboursements trop longs
How much did the time taken to refund you bother you?
À quel point le délai de votre remboursement vous a-t-il posé problème ?
This month, how much did refund requests and reminders weigh on your work?
Ce mois-ci, à quel point les demandes et relances de remboursement ont-elles pesé sur votre travail ?

answers | stations contact
Contradictory answers
Réponses contradictoires
How much did being told different things by different people bother you?
À quel point des réponses différentes d'une personne à l'autre vous ont-elles posé problème ?
This month, how much did you have to put right what passengers had been told elsewhere?
Ce mois-ci, à quel point avez-vous dû rectifier ce qui avait été dit ailleurs aux voyageurs ?

eticket | stations on-board website
Mobile tickets that do not open
Billets mobiles qui ne s'affichent pas
How much did a mobile ticket that would not open bother you?
À quel point un billet mobile qui ne s'affichait pas vous a-t-il posé problème ?
This month, how much did mobile tickets that fail disrupt your work?
Ce mois-ci, à quel point les billets mobiles défaillants ont-ils perturbé votre travail ?

waiting | stations
Uncomfortable waiting areas
Inconfort des espaces d'attente
How much did the comfort of the waiting areas bother you?
À quel point l'inconfort des espaces d'attente vous a-t-il posé problème ?
This month, how much did complaints about waiting areas fall on you?
Ce mois-ci, à quel point les plaintes sur les espaces d'attente sont-elles retombées sur vous ?

evening | stations on-board
Feeling unsafe in the evening
Sentiment d'insécurité le soir
Travelling in the evening, how much did feeling unsafe bother you?
En voyageant le soir, à quel point le sentiment d'insécurité vous a-t-il posé problème ?
This month, how much did tense situations in the evening weigh on you?
Ce mois-ci, à quel point les situations tendues en soirée ont-elles pesé sur vous ?
"""


def _irritant(block: str) -> Irritant:
    first, *sentences = block.splitlines()
    code, kinds = first.split(" | ")
    printed = [french(line) if place % 2 else english(line) for place, line in enumerate(sentences)]
    return Irritant(code, tuple(kinds.split()), *printed)


IRRITANTS = tuple(_irritant(block) for block in _BLOCKS.strip().split("\n\n"))
IRRITANT = {irritant.code: irritant for irritant in IRRITANTS}
