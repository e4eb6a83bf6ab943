"""The words of the made-up company, a regional railway: roles, irritants, projects, places. Constants only."""

# ruff: noqa: E501 - sentences that people read stay whole

from dataclasses import dataclass

COMPANY = "Transval Regional Railway"
COMPANY_FR = "Transval, chemins de fer régionaux"
MAIL_DOMAIN = "transval.example"


def _en(text: str) -> str:
    return text.replace("'", "’")


def _fr(text: str) -> str:
    """French spacing, so that the source below can be typed on any keyboard."""
    return text.replace("'", "’").replace(" ?", "\u202f?").replace(" :", "\u00a0:")


@dataclass(frozen=True)
class Role:
    """What a team does. `{town}` in the name makes it a team of one area; others serve a whole network."""

    code: str
    name: str
    name_fr: str
    direction: str
    touchpoint: str  # kind of touchpoint it serves, "" behind the front line
    supplies: tuple[str, ...]  # roles it works for, in the same area (or network)
    weight: int  # usual number of people
    most: int  # never more people than this
    asked: tuple[str, ...]  # irritants on its list

    @property
    def local(self) -> bool:
        """True for a team of one area, False for a team of a whole network."""
        return "{town}" in self.name


_STATION = (
    "info",
    "late",
    "connection",
    "platform",
    "coach",
    "assist",
    "answers",
    "crowd",
    "evening",
    "waiting",
)
_CREW = ("info", "late", "connection", "crowd", "clean", "heat", "checks", "coach", "bikes", "eticket")
_CONTACT = ("info", "fares", "refunds", "answers", "checks", "connection", "late", "eticket")
_BOTH_SHIFTS = ("station-early", "station-late")
_BOTH_CREWS = ("crew-main", "crew-local")

ROLES = (  # in the order in which a growing company would set them up
    Role(
        "station-early",
        "Station staff {town}, early shift",
        "Accueil en gare {town}, équipe du matin",
        "stations",
        "stations",
        (),
        35,
        40,
        _STATION,
    ),
    Role(
        "crew-main",
        "On-board staff {town}, main lines",
        "Accompagnement à bord {town}, lignes principales",
        "on-board",
        "on-board",
        (),
        38,
        40,
        _CREW,
    ),
    Role(
        "phone",
        "Contact centre, phone",
        "Service clients, téléphone",
        "customers",
        "contact",
        (),
        39,
        40,
        _CONTACT,
    ),
    Role(
        "info-desk",
        "Passenger information desk {town}",
        "Information voyageurs {town}",
        "operations",
        "",
        (*_BOTH_SHIFTS, *_BOTH_CREWS),
        36,
        48,
        ("info", "late", "connection", "platform", "coach", "crowd", "assist", "answers", "heat"),
    ),
    Role(
        "station-late",
        "Station staff {town}, late shift",
        "Accueil en gare {town}, équipe du soir",
        "stations",
        "stations",
        (),
        33,
        40,
        _STATION,
    ),
    Role(
        "crew-local",
        "On-board staff {town}, local lines",
        "Accompagnement à bord {town}, lignes locales",
        "on-board",
        "on-board",
        (),
        36,
        40,
        _CREW,
    ),
    Role(
        "counter",
        "Ticket office {town}",
        "Guichets {town}",
        "stations",
        "stations",
        (),
        35,
        40,
        ("queue", "machines", "fares", "refunds", "answers", "eticket", "assist", "waiting", "info"),
    ),
    Role(
        "ticketing",
        "Ticketing systems",
        "Systèmes de billetterie",
        "digital",
        "",
        ("counter", "website"),
        26,
        34,
        ("machines", "eticket", "fares", "refunds", "queue", "checks"),
    ),
    Role(
        "cleaning",
        "Train cleaning {town}",
        "Nettoyage des rames {town}",
        "rolling-stock",
        "",
        _BOTH_CREWS,
        56,
        60,
        ("clean", "heat", "crowd", "bikes", "late", "coach", "eticket", "checks"),
    ),
    Role(
        "rostering",
        "Crew rostering {town}",
        "Planification des équipages {town}",
        "on-board",
        "",
        _BOTH_CREWS,
        30,
        44,
        ("late", "connection", "crowd", "heat", "checks", "bikes", "coach", "clean", "info"),
    ),
    Role(
        "control",
        "Operations control room",
        "Centre opérationnel",
        "operations",
        "",
        ("info-desk",),
        44,
        56,
        ("info", "late", "connection", "platform", "coach", "crowd", "answers", "assist"),
    ),
    Role(
        "messages",
        "Contact centre, messages and letters",
        "Service clients, messages et courriers",
        "customers",
        "contact",
        (),
        34,
        40,
        _CONTACT,
    ),
    Role(
        "website",
        "Website and app",
        "Site et application",
        "digital",
        "website",
        (),
        30,
        40,
        ("info", "fares", "refunds", "eticket", "machines", "queue"),
    ),
    Role(
        "refunds",
        "Refunds and claims",
        "Remboursements et réclamations",
        "customers",
        "",
        ("phone", "messages", "counter"),
        36,
        44,
        ("refunds", "fares", "answers", "checks", "eticket", "queue"),
    ),
    Role(
        "upkeep",
        "Station upkeep {town}",
        "Entretien des gares {town}",
        "stations",
        "",
        (*_BOTH_SHIFTS, "counter"),
        48,
        60,
        ("waiting", "machines", "assist", "evening", "platform", "queue", "crowd", "coach"),
    ),
    Role(
        "depot",
        "Maintenance depot {town}",
        "Atelier de maintenance {town}",
        "rolling-stock",
        "",
        ("cleaning",),
        56,
        60,
        ("clean", "heat", "late", "crowd", "coach", "bikes", "eticket"),
    ),
    Role(
        "timetable",
        "Timetable planning",
        "Conception des horaires",
        "operations",
        "",
        ("control", "rostering"),
        22,
        30,
        ("late", "connection", "crowd", "platform", "coach", "bikes", "info"),
    ),
    Role(
        "property",
        "Station property and works",
        "Patrimoine et travaux en gare",
        "stations",
        "",
        ("upkeep",),
        20,
        28,
        ("waiting", "machines", "assist", "evening", "platform"),
    ),
)

DIRECTIONS = {
    "stations": ("Stations", "Gares"),
    "on-board": ("On-board services", "Services à bord"),
    "customers": ("Customer relations", "Relation clients"),
    "operations": ("Operations", "Exploitation"),
    "rolling-stock": ("Rolling stock", "Matériel roulant"),
    "digital": ("Digital and ticketing", "Numérique et billetterie"),
}

TOUCHPOINTS = {  # kind: (name, French name); those with a town stand once per area
    "stations": ("Stations, {town} area", "Gares, secteur {town}"),
    "on-board": ("On board, {town} area", "À bord, secteur {town}"),
    "contact": ("Contact centre", "Service clients"),
    "website": ("Website and app", "Site et application"),
}


@dataclass(frozen=True)
class Irritant:
    """One thing that annoys customers, with both questions of the pair in both languages."""

    code: str
    label: str
    label_fr: str
    customer: str
    customer_fr: str
    employee: str
    employee_fr: str
    touchpoints: tuple[str, ...]  # kinds


def _irritant(
    code: str, kinds: str, labels: tuple[str, str], customer: tuple[str, str], employee: tuple[str, str]
) -> Irritant:
    english = (labels[0], customer[0], employee[0])
    french = (labels[1], customer[1], employee[1])
    label, asked_customer, asked_employee = map(_en, english)
    label_fr, asked_customer_fr, asked_employee_fr = map(_fr, french)
    return Irritant(
        code,
        label,
        label_fr,
        asked_customer,
        asked_customer_fr,
        asked_employee,
        asked_employee_fr,
        tuple(kinds.split()),
    )


IRRITANTS = (
    _irritant(
        "info",
        "stations on-board contact website",
        ("Information during disruptions", "Information en cas de perturbation"),
        (
            "How much did missing or late information about a disruption bother you?",
            "À quel point le manque d'information pendant une perturbation vous a-t-il posé problème ?",
        ),
        (
            "This month, how much did you have to make up for missing information during disruptions?",
            "Ce mois-ci, à quel point avez-vous dû compenser le manque d'information pendant les perturbations ?",
        ),
    ),
    _irritant(
        "late",
        "stations on-board contact",
        ("Late trains", "Trains en retard"),
        (
            "How much did the delay of your train bother you?",
            "À quel point le retard de votre train vous a-t-il posé problème ?",
        ),
        (
            "This month, how much did late trains weigh on your work?",
            "Ce mois-ci, à quel point les retards de trains ont-ils pesé sur votre travail ?",
        ),
    ),
    _irritant(
        "connection",
        "stations on-board contact",
        ("Missed connections", "Correspondances manquées"),
        (
            "How much did a missed or uncertain connection bother you?",
            "À quel point une correspondance manquée ou incertaine vous a-t-elle posé problème ?",
        ),
        (
            "This month, how much extra work did missed connections cause you?",
            "Ce mois-ci, quelle charge de travail les correspondances manquées vous ont-elles ajoutée ?",
        ),
    ),
    _irritant(
        "platform",
        "stations on-board",
        ("Last-minute platform changes", "Changements de quai de dernière minute"),
        (
            "How much did a last-minute platform change bother you?",
            "À quel point un changement de quai de dernière minute vous a-t-il posé problème ?",
        ),
        (
            "This month, how much did last-minute platform changes disrupt your work?",
            "Ce mois-ci, à quel point les changements de quai de dernière minute ont-ils perturbé votre travail ?",
        ),
    ),
    _irritant(
        "coach",
        "stations on-board",
        ("Replacement coaches", "Cars de remplacement"),
        (
            "When a coach replaced your train, how much did it bother you?",
            "Lorsqu'un car a remplacé votre train, à quel point cela vous a-t-il posé problème ?",
        ),
        (
            "This month, how much did organising replacement coaches fall on you?",
            "Ce mois-ci, à quel point l'organisation des cars de remplacement est-elle retombée sur vous ?",
        ),
    ),
    _irritant(
        "crowd",
        "stations on-board",
        ("Crowded trains", "Trains bondés"),
        (
            "How much did crowding, on the platform or on board, bother you?",
            "À quel point l'affluence, à quai ou à bord, vous a-t-elle posé problème ?",
        ),
        (
            "This month, how much did crowded trains make your work harder?",
            "Ce mois-ci, à quel point les trains bondés ont-ils compliqué votre travail ?",
        ),
    ),
    _irritant(
        "clean",
        "on-board",
        ("Dirty trains and toilets", "Propreté des trains et des toilettes"),
        (
            "How much did dirt on the train or in its toilets bother you?",
            "À quel point le manque de propreté du train ou de ses toilettes vous a-t-il posé problème ?",
        ),
        (
            "This month, how much did dirty trains or toilets fall on you to deal with?",
            "Ce mois-ci, à quel point avez-vous dû gérer vous-même la saleté des trains ou des toilettes ?",
        ),
    ),
    _irritant(
        "heat",
        "on-board",
        ("Too hot or too cold on board", "Trop chaud ou trop froid à bord"),
        (
            "How much did the temperature on board bother you?",
            "À quel point la température à bord vous a-t-elle posé problème ?",
        ),
        (
            "This month, how much did heating or air-conditioning trouble weigh on your work?",
            "Ce mois-ci, à quel point les problèmes de chauffage ou de climatisation ont-ils pesé sur votre travail ?",
        ),
    ),
    _irritant(
        "bikes",
        "stations on-board",
        ("Room for bikes and luggage", "Place pour les vélos et les bagages"),
        (
            "How much did the lack of room for bikes or luggage bother you?",
            "À quel point le manque de place pour les vélos ou les bagages vous a-t-il posé problème ?",
        ),
        (
            "This month, how much did bikes and bulky luggage add to your work?",
            "Ce mois-ci, quelle charge de travail les vélos et les bagages encombrants vous ont-ils ajoutée ?",
        ),
    ),
    _irritant(
        "checks",
        "on-board contact",
        ("Ticket checks felt to be unfair", "Contrôles et amendes jugés injustes"),
        (
            "How much did a ticket check or a fine that felt unfair bother you?",
            "À quel point un contrôle ou une amende que vous jugez injuste vous a-t-il posé problème ?",
        ),
        (
            "This month, how much did disputes over checks and fines weigh on you?",
            "Ce mois-ci, à quel point les conflits liés aux contrôles et aux amendes ont-ils pesé sur vous ?",
        ),
    ),
    _irritant(
        "assist",
        "stations on-board",
        ("Assistance for reduced mobility", "Assistance aux personnes à mobilité réduite"),
        (
            "How much did difficulties in getting assistance to travel bother you?",
            "À quel point la difficulté à obtenir une assistance pour voyager vous a-t-elle posé problème ?",
        ),
        (
            "This month, how much did assistance at short notice weigh on your work?",
            "Ce mois-ci, à quel point les assistances demandées au dernier moment ont-elles pesé sur votre travail ?",
        ),
    ),
    _irritant(
        "queue",
        "stations",
        ("Queues at the ticket office", "Attente aux guichets"),
        (
            "How much did the wait at the ticket office bother you?",
            "À quel point l'attente au guichet vous a-t-elle posé problème ?",
        ),
        (
            "This month, how much did queues at the ticket office put pressure on you?",
            "Ce mois-ci, à quel point les files d'attente aux guichets vous ont-elles mis sous pression ?",
        ),
    ),
    _irritant(
        "machines",
        "stations website",
        ("Ticket machines and online sales out of order", "Pannes des automates et de la vente en ligne"),
        (
            "How much did a ticket machine or an online sale that failed bother you?",
            "À quel point une panne d'automate ou de vente en ligne vous a-t-elle posé problème ?",
        ),
        (
            "This month, how much did breakdowns of machines or online sales add to your work?",
            "Ce mois-ci, quelle charge de travail les pannes d'automates ou de vente en ligne vous ont-elles ajoutée ?",
        ),
    ),
    _irritant(
        "fares",
        "stations contact website",
        ("Fares that are hard to understand", "Tarifs difficiles à comprendre"),
        (
            "How much did unclear fares or conditions bother you?",
            "À quel point des tarifs ou des conditions peu clairs vous ont-ils posé problème ?",
        ),
        (
            "This month, how much time did explaining fares and conditions take from your other work?",
            "Ce mois-ci, à quel point l'explication des tarifs et des conditions a-t-elle empiété sur votre travail ?",
        ),
    ),
    _irritant(
        "refunds",
        "stations contact website",
        ("Slow refunds", "Remboursements trop longs"),
        (
            "How much did the time taken to refund you bother you?",
            "À quel point le délai de votre remboursement vous a-t-il posé problème ?",
        ),
        (
            "This month, how much did refund requests and reminders weigh on your work?",
            "Ce mois-ci, à quel point les demandes et relances de remboursement ont-elles pesé sur votre travail ?",
        ),
    ),
    _irritant(
        "answers",
        "stations contact",
        ("Contradictory answers", "Réponses contradictoires"),
        (
            "How much did being told different things by different people bother you?",
            "À quel point des réponses différentes d'une personne à l'autre vous ont-elles posé problème ?",
        ),
        (
            "This month, how much did you have to put right what passengers had been told elsewhere?",
            "Ce mois-ci, à quel point avez-vous dû rectifier ce qui avait été dit ailleurs aux voyageurs ?",
        ),
    ),
    _irritant(
        "eticket",
        "stations on-board website",
        ("Mobile tickets that do not open", "Billets mobiles qui ne s'affichent pas"),
        (
            "How much did a mobile ticket that would not open bother you?",
            "À quel point un billet mobile qui ne s'affichait pas vous a-t-il posé problème ?",
        ),
        (
            "This month, how much did mobile tickets that fail disrupt your work?",
            "Ce mois-ci, à quel point les billets mobiles défaillants ont-ils perturbé votre travail ?",
        ),
    ),
    _irritant(
        "waiting",
        "stations",
        ("Uncomfortable waiting areas", "Inconfort des espaces d'attente"),
        (
            "How much did the comfort of the waiting areas bother you?",
            "À quel point l'inconfort des espaces d'attente vous a-t-il posé problème ?",
        ),
        (
            "This month, how much did complaints about waiting areas fall on you?",
            "Ce mois-ci, à quel point les plaintes sur les espaces d'attente sont-elles retombées sur vous ?",
        ),
    ),
    _irritant(
        "evening",
        "stations on-board",
        ("Feeling unsafe in the evening", "Sentiment d'insécurité le soir"),
        (
            "Travelling in the evening, how much did feeling unsafe bother you?",
            "En voyageant le soir, à quel point le sentiment d'insécurité vous a-t-il posé problème ?",
        ),
        (
            "This month, how much did tense situations in the evening weigh on you?",
            "Ce mois-ci, à quel point les situations tendues en soirée ont-elles pesé sur vous ?",
        ),
    ),
)


@dataclass(frozen=True)
class Project:
    """A fix as a company would name it, the roles that carry it out, and what it could plausibly lead to."""

    code: str
    name: str
    name_fr: str
    irritant: str
    touchpoint: str
    roles: tuple[str, ...]
    outcomes: tuple[str, ...]


def _project(
    code: str, irritant: str, where: str, roles: str, outcomes: str, name: str, name_fr: str
) -> Project:
    teams = {
        "station": _BOTH_SHIFTS,
        "crew": _BOTH_CREWS,
        "contact": ("phone", "messages"),
        "counter": ("counter",),
    }
    return Project(code, _en(name), _fr(name_fr), irritant, where, teams[roles], tuple(outcomes.split()))


PROJECTS = (
    _project(
        "live-displays",
        "info",
        "stations",
        "station",
        "resolved ineffective nochange backfired",
        "Live displays on platforms",
        "Écrans en temps réel sur les quais",
    ),
    _project(
        "crew-tablets",
        "info",
        "on-board",
        "crew",
        "disp_same disp_irr disp_hop resolved",
        "Announcements from a tablet on board",
        "Annonces à bord depuis une tablette",
    ),
    _project(
        "ten-minute-bulletin",
        "info",
        "stations",
        "station",
        "disp_hop disp_same ineffective",
        "A bulletin every ten minutes",
        "Un point d'information toutes les dix minutes",
    ),
    _project(
        "early-doors",
        "late",
        "on-board",
        "crew",
        "backfired ineffective disp_irr",
        "Doors close thirty seconds early",
        "Fermeture des portes trente secondes plus tôt",
    ),
    _project(
        "spare-train",
        "late",
        "on-board",
        "crew",
        "resolved ineffective nochange",
        "A spare train on stand-by",
        "Une rame de réserve prête à partir",
    ),
    _project(
        "held-connections",
        "connection",
        "stations",
        "station",
        "disp_hop disp_same resolved",
        "Guaranteed connections",
        "Correspondances garanties",
    ),
    _project(
        "rebooking-on-board",
        "connection",
        "on-board",
        "crew",
        "disp_same disp_irr resolved",
        "Rebooking on board",
        "Nouvel itinéraire proposé à bord",
    ),
    _project(
        "fixed-platforms",
        "platform",
        "stations",
        "station",
        "resolved backfired nochange disp_hop",
        "Fixed platforms at peak hours",
        "Quais fixes aux heures de pointe",
    ),
    _project(
        "coach-welcome",
        "coach",
        "stations",
        "station",
        "disp_same disp_irr resolved",
        "Staff on hand at replacement coaches",
        "Accueil renforcé aux cars de remplacement",
    ),
    _project(
        "coaches-on-call",
        "coach",
        "on-board",
        "crew",
        "resolved disp_hop ineffective",
        "Coaches on call within thirty minutes",
        "Cars d'astreinte en trente minutes",
    ),
    _project(
        "boarding-marks",
        "crowd",
        "stations",
        "station",
        "ineffective nochange backfired",
        "Boarding marks on the platform",
        "Repères de montée sur les quais",
    ),
    _project(
        "longer-fridays",
        "crowd",
        "on-board",
        "crew",
        "resolved disp_hop nochange",
        "Longer trains on Fridays",
        "Rames allongées le vendredi",
    ),
    _project(
        "terminus-cleaning",
        "clean",
        "on-board",
        "crew",
        "disp_hop disp_same resolved",
        "Toilets checked at every terminus",
        "Toilettes contrôlées à chaque terminus",
    ),
    _project(
        "remote-temperature",
        "heat",
        "on-board",
        "crew",
        "resolved disp_hop backfired",
        "Temperature set from the depot",
        "Température réglée depuis l'atelier",
    ),
    _project(
        "bike-booking",
        "bikes",
        "on-board",
        "crew",
        "disp_same disp_irr backfired",
        "Bookings for bike spaces",
        "Réservation des places vélo",
    ),
    _project(
        "pay-later",
        "checks",
        "on-board",
        "crew",
        "disp_same disp_irr disp_hop",
        "Pay later instead of a fine",
        "Régularisation différée au lieu de l'amende",
    ),
    _project(
        "walk-up-assistance",
        "assist",
        "stations",
        "station",
        "disp_same disp_irr resolved",
        "Assistance without booking",
        "Assistance sans réservation",
    ),
    _project(
        "virtual-queue",
        "queue",
        "stations",
        "counter",
        "disp_same backfired disp_irr",
        "Virtual queue at the ticket office",
        "File d'attente virtuelle aux guichets",
    ),
    _project(
        "roaming-sales",
        "queue",
        "stations",
        "counter",
        "resolved disp_same ineffective",
        "Roaming sales in the hall",
        "Vente mobile dans le hall",
    ),
    _project(
        "remote-repair",
        "machines",
        "stations",
        "counter",
        "disp_hop resolved ineffective",
        "Remote repair of ticket machines",
        "Dépannage à distance des automates",
    ),
    _project(
        "three-fares",
        "fares",
        "stations",
        "counter",
        "resolved backfired nochange",
        "Three simple fares",
        "Trois tarifs simples",
    ),
    _project(
        "adviser-fare-guide",
        "fares",
        "contact",
        "contact",
        "resolved ineffective nochange",
        "Fare guide for advisers",
        "Guide des tarifs au service clients",
    ),
    _project(
        "refund-48h",
        "refunds",
        "contact",
        "contact",
        "disp_hop disp_same disp_irr",
        "Refunds within 48 hours",
        "Remboursement en 48 heures",
    ),
    _project(
        "refund-counter",
        "refunds",
        "stations",
        "counter",
        "disp_same disp_irr resolved",
        "Refunds at the ticket office",
        "Remboursement au guichet",
    ),
    _project(
        "answer-book",
        "answers",
        "stations",
        "station",
        "resolved nochange ineffective",
        "One shared answer book",
        "Une base de réponses commune",
    ),
    _project(
        "offline-ticket",
        "eticket",
        "on-board",
        "crew",
        "resolved ineffective backfired",
        "Mobile tickets that work offline",
        "Billet mobile hors connexion",
    ),
    _project(
        "warm-rooms",
        "waiting",
        "stations",
        "station",
        "ineffective nochange disp_hop",
        "Heated waiting rooms until closing time",
        "Salles d'attente chauffées jusqu'à la fermeture",
    ),
    _project(
        "evening-presence",
        "evening",
        "stations",
        "station",
        "disp_same resolved disp_irr",
        "More staff on platforms in the evening",
        "Présence renforcée sur les quais en soirée",
    ),
)

OWNERS = (
    *("claire.fontaine", "karim.benali", "sophie.marchand", "thomas.girard", "nadia.lefort", "julien.perrin"),
    *(
        "elise.moreau",
        "hugo.delmas",
        "ines.carpentier",
        "paul.rossignol",
        "amelie.vasseur",
        "yanis.chevalier",
    ),
)

_TOWNS = """Grenoble;Valence;Chambéry;Annecy;Lyon;Saint-Étienne;Clermont-Ferrand;Bourg-en-Bresse;Dijon;Besançon
Belfort;Mâcon;Strasbourg;Mulhouse;Colmar;Metz;Nancy;Épinal;Reims;Troyes;Lille;Arras;Amiens;Valenciennes;Rouen
Le Havre;Caen;Cherbourg;Rennes;Brest;Quimper;Lorient;Nantes;Angers;Le Mans;Laval;Tours;Orléans;Blois;Bourges
Poitiers;La Rochelle;Niort;Angoulême;Limoges;Brive;Périgueux;Bordeaux;Agen;Pau;Bayonne;Tarbes;Toulouse;Montauban
Albi;Rodez;Carcassonne;Narbonne;Perpignan;Béziers;Montpellier;Nîmes;Avignon;Arles;Marseille;Aix-en-Provence;Toulon
Cannes;Nice;Gap;Digne;Briançon;Vienne;Roanne;Vichy;Moulins;Nevers;Auxerre;Sens;Chaumont;Vesoul;Dole;Beaune;Autun
Montluçon;Aurillac;Mende;Millau;Cahors;Castres;Foix;Dax;Arcachon;Libourne;Bergerac;Cognac;Saintes;Royan;Cholet
Saumur;Vitré;Fougères;Saint-Malo;Dinan;Vannes;Saint-Brieuc;Guingamp;Morlaix;Alençon;Argentan;Lisieux;Évreux;Dieppe
Beauvais;Compiègne;Soissons;Laon;Saint-Quentin;Cambrai;Douai;Lens;Béthune;Calais;Dunkerque;Boulogne;Abbeville
Charleville;Sedan;Verdun;Bar-le-Duc;Toul;Forbach;Sarrebourg;Saverne;Haguenau;Sélestat;Lunéville;Remiremont
Montbéliard;Pontarlier;Annemasse;Thonon;Cluses;Albertville;Aix-les-Bains;Voiron;Romans;Montélimar;Orange;Cavaillon
Salon;Fréjus;Menton;Sète;Lunel;Alès""".replace("\n", ";")
TOWNS = tuple(_TOWNS.split(";"))
QUARTERS = (("North", "Nord"), ("South", "Sud"), ("East", "Est"), ("West", "Ouest"), ("Centre", "Centre"))
