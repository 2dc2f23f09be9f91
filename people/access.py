"""What a view asks first: which department this is, who is asking, and what they may do there."""

import functools
from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404

from .models import Department, Membership, Right, User
from .permissions import places_of, rights_in


def department_or_404(request, code: str, *, former: bool = False) -> Department:
    """The department of the address; for a stranger it does not exist. Remembered on the request with one's rights.

    `former`: it exists also for those who were members once; they have no right in it, and `is_former` on it says so.
    """
    department = places_of(request.user).filter(code=code).first()
    if department is None or (department.is_former and not former):
        raise Http404
    request.department = department
    request.rights = rights_in(request.user, department)
    return department


def in_department(view=None, *, former: bool = False):
    """Wrap a view of `/d/<code>/…`: it is called with the department instead of its code.

    `@in_department(former=True)` opens it to former members too, for reading what is theirs.
    """
    if view is None:
        return functools.partial(in_department, former=former)

    @functools.wraps(view)
    def wrapped(request, code: str, *args, **kwargs):
        return view(request, department_or_404(request, code, former=former), *args, **kwargs)

    return wrapped


def may(request, right: Right) -> bool:
    """Whether the signed-in person holds `right` in the department of this request."""
    return right in request.rights


def require_right(request, right: Right) -> None:
    """403 for a colleague without the right."""
    if not may(request, right):
        raise PermissionDenied


def membership_of(user: User, department: Department, day: date | None = None) -> Membership | None:
    """The person's membership in the department on `day`, with its user loaded.

    Without a day the one that holds now: as everywhere, a last day lasts until its latest shift is over.
    """
    found = department.memberships.filter(user=user).select_related("user")
    if day is not None:
        return found.on(day).first()
    # Whoever comes back on the very next day first brings the night shift of the last one to its end.
    return found.touching(department.ending_day(), department.today()).order_by("from_day").first()


def require_membership(request) -> Membership:
    """One's own membership; 403 for someone who holds a role here without being a member."""
    member = membership_of(request.user, request.department)
    if member is None:
        raise PermissionDenied
    return member
