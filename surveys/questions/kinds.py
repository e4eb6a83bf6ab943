"""Every kind of question there is. A new one is a module, a page part and a line here."""

from surveys.questions.bother import BOTHER
from surveys.questions.enps import ENPS
from surveys.questions.kind import Kind
from surveys.questions.landing import LANDING
from surveys.questions.zero_to_ten import ZERO_TO_TEN

KINDS: dict[str, Kind] = {kind.name: kind for kind in (BOTHER, ENPS, LANDING, ZERO_TO_TEN)}
