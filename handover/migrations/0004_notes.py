"""Notes on items of the handover log, and the token under which an item is written once."""

from django.db import migrations, models

ACTIONS = [
    ("written", "Written"),
    ("submitted", "Handed over"),
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
    dependencies = [("handover", "0003_search_words")]
    operations = [
        migrations.RemoveConstraint(model_name="itemevent", name="handover_event_action_known"),
        migrations.AlterField(
            model_name="itemevent", name="action", field=models.CharField(choices=ACTIONS, max_length=9)
        ),
        migrations.AddConstraint(
            model_name="itemevent",
            constraint=models.CheckConstraint(
                condition=models.Q(action__in=[action for action, _ in ACTIONS]), name="handover_event_action_known"
            ),
        ),
        migrations.AddField(model_name="itemevent", name="changes", field=models.JSONField(blank=True, default=dict)),
        migrations.AddField(model_name="handoveritem", name="token", field=models.UUIDField(blank=True, null=True)),
        migrations.AddConstraint(
            model_name="handoveritem",
            constraint=models.UniqueConstraint(fields=("author", "token"), name="handover_item_written_once"),
        ),
    ]
