"""The made-up railway's own words: its name, directions, teams' roles, touchpoints, owners of fixes."""

from dataclasses import dataclass

COMPANY = "Transval Regional Railway"
COMPANY_FR = "Transval, chemins de fer régionaux"
MAIL_DOMAIN = "transval.example"


@dataclass(frozen=True)
class Role:
    """What a team does. `{town}` in the name makes it a team of one area; others serve a whole network."""

    code: str
    direction: str
    touchpoint: str  # kind of touchpoint it serves, "" behind the front line
    usual: int  # people
    most: int  # people
    name: str
    name_fr: str
    supplies: tuple[str, ...]  # roles it works for, in the same area (or network)
    asked: tuple[str, ...]  # irritants on its list

    @property
    def local(self) -> bool:
        """True for a team of one area, False for a team of a whole network."""
        return "{town}" in self.name


# code | direction | kind of touchpoint | usual people | most people, then name, French name, supplies, asked
# in the order in which a growing company would set them up
_BLOCKS = """
station-early | stations | stations | 35 | 40
Station staff {town}, early shift
Accueil en gare {town}, équipe du matin
-
info connection platform coach assist answers crowd evening waiting

crew-main | on-board | on-board | 38 | 40
On-board staff {town}, main lines
Accompagnement à bord {town}, lignes principales
-
info late connection crowd clean heat checks coach bikes eticket

phone | customers | contact | 39 | 40
Contact centre, phone
Service clients, téléphone
-
info fares refunds answers checks connection late eticket

info-desk | operations | - | 36 | 48
Passenger information desk {town}
Information voyageurs {town}
station-early station-late crew-main crew-local
info late connection platform coach crowd assist answers heat

station-late | stations | stations | 33 | 40
Station staff {town}, late shift
Accueil en gare {town}, équipe du soir
-
info connection platform coach assist answers crowd evening waiting

crew-local | on-board | on-board | 36 | 40
On-board staff {town}, local lines
Accompagnement à bord {town}, lignes locales
-
info late connection crowd clean heat checks coach bikes eticket

counter | stations | stations | 35 | 40
Ticket office {town}
Guichets {town}
-
queue machines fares refunds answers eticket assist waiting

ticketing | digital | - | 26 | 34
Ticketing systems
Systèmes de billetterie
counter website
machines eticket fares refunds queue checks

cleaning | rolling-stock | - | 56 | 60
Train cleaning {town}
Nettoyage des rames {town}
crew-main crew-local
clean heat crowd bikes late coach eticket checks

rostering | on-board | - | 30 | 44
Crew rostering {town}
Planification des équipages {town}
crew-main crew-local
late connection crowd heat checks bikes coach clean info

control | operations | - | 44 | 56
Operations control room
Centre opérationnel
info-desk
info late connection platform coach crowd answers assist

messages | customers | contact | 34 | 40
Contact centre, messages and letters
Service clients, messages et courriers
-
info fares refunds answers checks connection late eticket

website | digital | website | 30 | 40
Website and app
Site et application
-
info fares refunds eticket machines queue

refunds | customers | - | 36 | 44
Refunds and claims
Remboursements et réclamations
phone messages counter
refunds fares answers checks eticket queue

upkeep | stations | - | 48 | 60
Station upkeep {town}
Entretien des gares {town}
station-early station-late counter
waiting machines assist evening platform queue crowd coach

depot | rolling-stock | - | 56 | 60
Maintenance depot {town}
Atelier de maintenance {town}
cleaning
clean heat late crowd coach bikes eticket

timetable | operations | - | 22 | 30
Timetable planning
Conception des horaires
control rostering
late connection crowd platform coach bikes info

property | stations | - | 20 | 28
Station property and works
Patrimoine et travaux en gare
upkeep
waiting machines assist evening platform
"""


def _role(block: str) -> Role:
    first, name, name_fr, supplies, asked = block.splitlines()
    code, direction, touchpoint, usual, most = first.split(" | ")
    works_for = () if supplies == "-" else tuple(supplies.split())
    kind = "" if touchpoint == "-" else touchpoint
    return Role(code, direction, kind, int(usual), int(most), name, name_fr, works_for, tuple(asked.split()))


ROLES = tuple(_role(block) for block in _BLOCKS.strip().split("\n\n"))

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
