"""The accounts of the demo departments, one a role, for the sign-in page and the start message."""

from dataclasses import dataclass

from people.models import Role, RoleGrant

# In the order in which they are shown.
DEMO_CODES = ("yunshan", "linhai")
DEMO_CODE = DEMO_CODES[0]
DEMO_PASSWORD = "banzu-demo"  # noqa: S105


@dataclass(frozen=True)
class DemoAccount:
    """One account to try: what to type, and whose work it is."""

    username: str
    role: str
    name: str
    password: str = DEMO_PASSWORD


@dataclass(frozen=True)
class DemoDepartment:
    """A demo department that is loaded, with one account per role."""

    code: str
    name: str
    accounts: list[DemoAccount]


def demo_departments() -> list[DemoDepartment]:
    """The demo departments that are there, in one query; none where no demo is loaded."""
    grants = RoleGrant.objects.filter(department__code__in=DEMO_CODES).select_related("user", "department")
    names: dict[str, str] = {}
    first: dict[tuple[str, str], DemoAccount] = {}
    for grant in grants.order_by("pk"):
        code = grant.department.code
        names[code] = grant.department.name
        first.setdefault(
            (code, grant.role), DemoAccount(grant.user.username, grant.get_role_display(), grant.user.name)
        )
    return [
        DemoDepartment(code, names[code], [first[code, role] for role in Role.values if (code, role) in first])
        for code in DEMO_CODES
        if code in names
    ]


def demo_accounts() -> list[DemoAccount]:
    """One account per role of the first demo department; none where no demo is loaded."""
    departments = demo_departments()
    return departments[0].accounts if departments else []
