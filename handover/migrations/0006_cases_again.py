"""A finding that can be corrected: each note of a case says what was found and about whom."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("handover", "0005_sources"), ("people", "0001_initial")]
    operations = [
        migrations.AddField(
            "casenote",
            "finding",
            models.CharField(
                blank=True, choices=[("upheld", "Upheld"), ("not_upheld", "Not upheld")], default="", max_length=10
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "casenote",
            "subject",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.membership"
            ),
        ),
        migrations.AddConstraint(
            "casenote",
            models.CheckConstraint(
                name="handover_case_note_finding_known",
                condition=models.Q(finding__in=["", "upheld", "not_upheld"]),
            ),
        ),
    ]
