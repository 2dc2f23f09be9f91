"""Living departments to look at, one a rulebook: last month worked and scored, this month running, next in draft.

Everything goes through the same services as people use, in the order and at the time in which they would have used
them, so the demo can hold nothing that the program could not have made. The beat's
watchers run along: what goes wrong is found and proposed when it comes about. Shifts, people, clauses and kinds come
from the rulebook. The same seed and the same instant give the same department.
"""

from .load import load_demo

__all__ = ["load_demo"]
