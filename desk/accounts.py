"""The accounts of the demo department, one a role, for the sign-in page and the start message."""

from dataclasses import dataclass

from people.models import Role, RoleGrant

DEMO_CODE = "yunshan"
DEMO_PASSWORD = "banzu-demo"  # noqa: S105


@dataclass(frozen=True)
class DemoAccount:
    """One account to try: what to type, and whose work it is."""

    username: str
    role: str
    name: str
    password: str = DEMO_PASSWORD


def demo_accounts() -> list[DemoAccount]:
    """One account per role of the demo department; none where it is not loaded."""
    grants = RoleGrant.objects.filter(department__code=DEMO_CODE).select_related("user").order_by("pk")
    first: dict[str, DemoAccount] = {}
    for grant in grants:
        first.setdefault(grant.role, DemoAccount(grant.user.username, grant.get_role_display(), grant.user.name))
    order = [role for role in Role.values if role in first]
    return [first[role] for role in order]
