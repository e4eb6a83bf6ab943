"""Every kind of question there is. A new one is a module, a page part and a line here."""

from surveys.questions.bother import BOTHER
from surveys.questions.csat import CSAT
from surveys.questions.effort import EFFORT
from surveys.questions.enps import ENPS
from surveys.questions.kind import Kind
from surveys.questions.landing import LANDING
from surveys.questions.nps import NPS
from surveys.questions.zero_to_ten import ZERO_TO_TEN

KINDS: dict[str, Kind] = {kind.name: kind for kind in (BOTHER, CSAT, EFFORT, ENPS, LANDING, NPS, ZERO_TO_TEN)}
