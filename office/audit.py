"""Writing to the audit trail, inside the transaction of the service that acts."""

from typing import Any

from django.db import models

from .models import AuditEntry


def record(
    actor,
    action: str,
    target: models.Model,
    *,
    department=None,
    before: Any = None,
    after: Any = None,
    **facts: Any,
) -> AuditEntry:
    """Add one entry. `actor` may be None for the system; `before` and `after` are plain values or dictionaries."""
    if before is not None:
        facts["before"] = before
    if after is not None:
        facts["after"] = after
    return AuditEntry.objects.create(
        actor=actor,
        department=department if department is not None else getattr(target, "department", None),
        action=action,
        target_kind=target._meta.label_lower,
        target_id=target.pk,
        target_label=str(target)[:200],
        facts=facts,
    )
