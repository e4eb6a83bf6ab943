"""Would a customer recommend us: 0 to 10, both ends labelled, scored as promoters and detractors."""

from surveys.questions.enps import ENPS
from surveys.questions.kind import Kind

NPS = Kind("nps", ENPS.choices)  # what holds for employers holds for companies: it is where eNPS comes from
