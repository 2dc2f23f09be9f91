"""A bonus that was proposed can be withdrawn, and its source proposes it again."""

from django.db import migrations, models

STATES = [
    ("proposed", "Proposed"),
    ("approved", "Approved"),
    ("dismissed", "Not approved"),
    ("withdrawn", "Withdrawn"),
]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_bonuses")]
    operations = [
        migrations.RemoveConstraint("bonus", "ledger_bonus_once_per_source"),
        migrations.RemoveConstraint("bonus", "ledger_bonus_state_known"),
        migrations.AlterField("bonus", "state", models.CharField(choices=STATES, default="proposed", max_length=9)),
        migrations.AddConstraint(
            "bonus",
            models.UniqueConstraint(
                name="ledger_bonus_once_per_source",
                fields=["code", "membership", "source_kind", "source_id"],
                condition=~models.Q(state="withdrawn"),
            ),
        ),
        migrations.AddConstraint(
            "bonus",
            models.CheckConstraint(
                name="ledger_bonus_state_known", condition=models.Q(state__in=[state for state, _ in STATES])
            ),
        ),
    ]
