"""A made-up regional railway with planted truth: for trying Pulse out, for tests, for benchmarks.

Reading order: railway (its words), structure (teams, value chain, touchpoints), plan (which fixes, and what
each really does), truth (what everybody would answer on average), answers (what they do answer), folder.
"""

from demo.company import Company, company
from demo.folder import write

__all__ = ["Company", "company", "write"]
