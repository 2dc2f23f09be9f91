"""Handovers can be taken back, and what somebody off duty writes can be offered at once."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import office.clock

ACTIONS = [
    ("written", "Written"),
    ("submitted", "Handed over"),
    ("reclaimed", "Taken back"),
    ("queued", "Put in the queue"),
    ("accepted", "Accepted"),
    ("asked", "Asked back"),
    ("answered", "Answered"),
    ("noted", "Added to"),
    ("refused", "Refused"),
    ("assigned", "Assigned"),
    ("done", "Done"),
]


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("handover", "0006_cases_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="TakeBack",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=office.clock.now)),
                ("again_at", models.DateTimeField(blank=True, null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "handover",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="take_backs", to="handover.handover"
                    ),
                ),
            ],
            options={"ordering": ["at"]},
        ),
        migrations.AddConstraint(
            model_name="takeback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("again_at", None)), fields=("handover",), name="handover_taken_back_once"
            ),
        ),
        migrations.AddField(
            model_name="handoveritem",
            name="offered_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="itemevent", name="action", field=models.CharField(choices=ACTIONS, max_length=9)
        ),
        migrations.RemoveConstraint(model_name="itemevent", name="handover_event_action_known"),
        migrations.AddConstraint(
            model_name="itemevent",
            constraint=models.CheckConstraint(
                condition=models.Q(("action__in", [code for code, _name in ACTIONS])),
                name="handover_event_action_known",
            ),
        ),
    ]
