"""Invitations, work numbers that are one person's for ever, and how late a department's last days end."""

import re

import django.db.models.deletion
import office.clock
from django.conf import settings
from django.db import migrations, models

DAY = 24 * 60


def write_late_minutes(apps, schema_editor):
    """As import_rulebook does from now on, from the rulebooks that departments have already."""
    for version in apps.get_model("rulebooks", "RulebookVersion").objects.select_related("department").order_by("pk"):
        department = version.department
        late = max((_latest(shift) for shift in version.content.get("shifts", [])), default=0)
        if late > department.late_minutes:
            department.late_minutes = late
            department.save(update_fields=["late_minutes"])


def _latest(shift) -> int:
    end = None
    for span in shift["spans"]:
        begins, ends = (60 * int(hour) + int(minute) for hour, minute in re.findall(r"(\d\d):(\d\d)", span))
        end = begins if end is None else end
        start = end + (begins - end) % DAY
        end = start + ((ends - start) % DAY or DAY)
    return (end or 0) + (shift.get("extension") or {}).get("cap_minutes", 0) - DAY


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0002_rights_of_rulebook_and_members"),
        ("rulebooks", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="membership", name="people_work_number_once"),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["department", "work_number"], name="people_work_number"),
        ),
        migrations.AddField(
            model_name="department",
            name="late_minutes",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(default=office.clock.now)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("department", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to="people.department")),
                ("made_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="invitations", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ["-made_at", "-id"],
                "constraints": [models.CheckConstraint(condition=models.Q(("expires_at__gte", models.F("made_at"))), name="people_invitation_ends_after")],
            },
        ),
        migrations.RunPython(write_late_minutes, migrations.RunPython.noop),
    ]
