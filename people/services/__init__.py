"""Writing people: departments, members, roles, invitations and rights."""

from .departments import create_department, in_each_department, set_late_minutes, set_rights
from .invitations import (
    Invited,
    accept_invitation,
    has_password,
    invite,
    open_invitation,
    out_of_reach,
    refuse_out_of_reach,
    reset_access,
)
from .members import (
    add_again,
    add_member,
    add_people,
    add_person,
    check_lines,
    correct_member,
    default_username,
    remove_member,
    set_last_day,
)
from .roles import end_role, grant_role, keepers

__all__ = [
    "Invited",
    "accept_invitation",
    "add_again",
    "add_member",
    "add_people",
    "add_person",
    "check_lines",
    "correct_member",
    "create_department",
    "default_username",
    "end_role",
    "grant_role",
    "has_password",
    "in_each_department",
    "invite",
    "keepers",
    "open_invitation",
    "out_of_reach",
    "refuse_out_of_reach",
    "remove_member",
    "reset_access",
    "set_last_day",
    "set_late_minutes",
    "set_rights",
]
