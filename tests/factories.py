"""Rows for tests: through the services where there is one."""

import itertools
from datetime import date

from people.models import Department, User
from people.services import add_member, grant_role

JOINED = date(2026, 1, 1)
_numbers = itertools.count(1)


def make_department(code: str, *, time_zone: str = "Asia/Shanghai") -> Department:
    return Department.objects.create(code=code, name=f"云杉家居 {code}", time_zone=time_zone)


def add_person(department, *, name="", work_number="", roles=(), rostered=True, scored=True, from_day=JOINED) -> User:
    """A user who is a member with these roles; `.membership` is the membership."""
    number = next(_numbers)
    user = User.objects.create(
        username=f"{department.code}-{work_number or number}-{number}", name=name or f"员工{number}"
    )
    user.membership = add_member(
        actor=None,
        department=department,
        user=user,
        work_number=work_number or f"T{number}",
        from_day=from_day,
        rostered=rostered,
        scored=scored,
    )
    for role in roles:
        grant_role(actor=None, department=department, user=user, role=role, from_day=from_day)
    return user
