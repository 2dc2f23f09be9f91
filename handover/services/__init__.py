"""Everything that writes the notebooks, and the end of a shift.

Locks are always taken in this order: the shift of who acts, then the items, by key. That keeps an item that is written
or accepted while its owner leaves from being left behind, and two people from accepting one item.
"""

from .asking import answer_item, ask_back, assign_item, refuse_item
from .ending import end_shift, release_items, submit_handover, take_back
from .handing_in import hand_in_register, hand_in_registers
from .items import accept_item, finish_item, follow_up_item, write_item
from .matters import (
    adopt_matter,
    answer_matter,
    assign_matter,
    finish_matter,
    merge_matter,
    reject_matter,
    reopen_matter,
)
from .noting import note_item
from .readings import drop_reading, keep_file, read_in, receive, set_columns, set_names, start_reading
from .register import write_issue
from .statistics import record_statistics

__all__ = [
    "accept_item",
    "adopt_matter",
    "answer_item",
    "answer_matter",
    "ask_back",
    "assign_item",
    "assign_matter",
    "drop_reading",
    "end_shift",
    "finish_item",
    "finish_matter",
    "follow_up_item",
    "hand_in_register",
    "hand_in_registers",
    "keep_file",
    "merge_matter",
    "note_item",
    "read_in",
    "receive",
    "record_statistics",
    "refuse_item",
    "reject_matter",
    "release_items",
    "reopen_matter",
    "set_columns",
    "set_names",
    "start_reading",
    "submit_handover",
    "take_back",
    "write_issue",
    "write_item",
]
