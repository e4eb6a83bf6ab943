"""What the made-up railway tried: projects, who carries each out, and what it could plausibly lead to."""

# ruff: noqa: E501 - one project a line

from dataclasses import dataclass

from demo.irritants import english, french


@dataclass(frozen=True)
class Project:
    """A fix as a company would name it, the roles that carry it out, and what it could plausibly lead to."""

    code: str
    irritant: str
    touchpoint: str  # kind
    roles: tuple[str, ...]
    outcomes: tuple[str, ...]
    name: str
    name_fr: str


_TEAMS = {
    "station": ("station-early", "station-late"),
    "crew": ("crew-main", "crew-local"),
    "contact": ("phone", "messages"),
    "counter": ("counter",),
}
_LINES = """
live-displays       | info       | stations | station | resolved ineffective nochange backfired | Live displays on platforms              | Écrans en temps réel sur les quais
crew-tablets        | info       | on-board | crew    | disp_same disp_irr disp_hop resolved    | Announcements from a tablet on board    | Annonces à bord depuis une tablette
ten-minute-bulletin | info       | stations | station | disp_hop disp_same ineffective          | A bulletin every ten minutes            | Un point d'information toutes les dix minutes
early-doors         | late       | on-board | crew    | backfired ineffective disp_irr          | Doors close thirty seconds early        | Fermeture des portes trente secondes plus tôt
spare-train         | late       | on-board | crew    | resolved ineffective nochange           | A spare train on stand-by               | Une rame de réserve prête à partir
held-connections    | connection | stations | station | disp_hop disp_same resolved             | Guaranteed connections                  | Correspondances garanties
rebooking-on-board  | connection | on-board | crew    | disp_same disp_irr resolved             | Rebooking on board                      | Nouvel itinéraire proposé à bord
fixed-platforms     | platform   | stations | station | resolved backfired nochange disp_hop    | Fixed platforms at peak hours           | Quais fixes aux heures de pointe
coach-welcome       | coach      | stations | station | disp_same disp_irr resolved             | Staff on hand at replacement coaches    | Accueil renforcé aux cars de remplacement
coaches-on-call     | coach      | on-board | crew    | resolved disp_hop ineffective           | Coaches on call within thirty minutes   | Cars d'astreinte en trente minutes
boarding-marks      | crowd      | stations | station | ineffective nochange backfired          | Boarding marks on the platform          | Repères de montée sur les quais
longer-fridays      | crowd      | on-board | crew    | resolved disp_hop nochange              | Longer trains on Fridays                | Rames allongées le vendredi
terminus-cleaning   | clean      | on-board | crew    | disp_hop disp_same resolved             | Toilets checked at every terminus       | Toilettes contrôlées à chaque terminus
remote-temperature  | heat       | on-board | crew    | resolved disp_hop backfired             | Temperature set from the depot          | Température réglée depuis l'atelier
bike-booking        | bikes      | on-board | crew    | disp_same disp_irr backfired            | Bookings for bike spaces                | Réservation des places vélo
pay-later           | checks     | on-board | crew    | disp_same disp_irr disp_hop             | Pay later instead of a fine             | Régularisation différée au lieu de l'amende
walk-up-assistance  | assist     | stations | station | disp_same disp_irr resolved             | Assistance without booking              | Assistance sans réservation
virtual-queue       | queue      | stations | counter | disp_same backfired disp_irr            | Virtual queue at the ticket office      | File d'attente virtuelle aux guichets
roaming-sales       | queue      | stations | counter | resolved disp_same ineffective          | Roaming sales in the hall               | Vente mobile dans le hall
remote-repair       | machines   | stations | counter | disp_hop resolved ineffective           | Remote repair of ticket machines        | Dépannage à distance des automates
three-fares         | fares      | stations | counter | resolved backfired nochange             | Three simple fares                      | Trois tarifs simples
adviser-fare-guide  | fares      | contact  | contact | resolved ineffective nochange           | Fare guide for advisers                 | Guide des tarifs au service clients
refund-48h          | refunds    | contact  | contact | disp_hop disp_same disp_irr             | Refunds within 48 hours                 | Remboursement en 48 heures
refund-counter      | refunds    | stations | counter | disp_same disp_irr resolved             | Refunds at the ticket office            | Remboursement au guichet
answer-book         | answers    | stations | station | resolved nochange ineffective           | One shared answer book                  | Une base de réponses commune
offline-ticket      | eticket    | on-board | crew    | resolved ineffective backfired          | Mobile tickets that work offline        | Billet mobile hors connexion
warm-rooms          | waiting    | stations | station | ineffective nochange disp_hop           | Heated waiting rooms until closing time | Salles d'attente chauffées jusqu'à la fermeture
evening-presence    | evening    | stations | station | disp_same resolved disp_irr             | More staff on platforms in the evening  | Présence renforcée sur les quais en soirée
"""


def _project(line: str) -> Project:
    code, irritant, where, teams, outcomes, name, name_fr = (part.strip() for part in line.split("|"))
    return Project(
        code, irritant, where, _TEAMS[teams], tuple(outcomes.split()), english(name), french(name_fr)
    )


PROJECTS = tuple(_project(line) for line in _LINES.strip().splitlines())
