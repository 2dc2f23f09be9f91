"""A living department to look at: last month worked and scored, this month running, next month in draft.

Everything goes through the same services as people use, at the time at which they would have used it, so the demo can
hold nothing that the program could not have made. The same seed and the same day give the same department.
"""

from .load import load_demo

__all__ = ["load_demo"]
