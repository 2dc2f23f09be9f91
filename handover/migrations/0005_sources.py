"""Statistics by where they come from: what two tools say of a day stands side by side. Orders of our time only."""

from datetime import date

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce


def name_sources(apps, schema_editor):
    """Messages of programs get their own source, by the name of the program; lines get that of their reading."""
    Reading, Source, Statistic = (
        apps.get_model("handover", name) for name in ("Reading", "ReadingSource", "ServiceStatistic")
    )
    nameless = Reading.objects.filter(source=None)
    for department, kind, name in nameless.order_by().values_list("department", "kind", "name").distinct():
        source, _made = Source.objects.get_or_create(department_id=department, kind=kind, name=name[:60])
        nameless.filter(department_id=department, kind=kind, name=name).update(source=source)
    read_in = Statistic.objects.filter(reading__isnull=False)
    if not read_in.exists():
        return
    # Lines do not change; this once they learn where they came from. SQLite has no triggers while it migrates.
    on_postgres = schema_editor.connection.vendor == "postgresql"
    if on_postgres:
        schema_editor.execute("ALTER TABLE handover_servicestatistic DISABLE TRIGGER USER")
    of_reading = Reading.objects.filter(pk=OuterRef("reading")).values("source")[:1]
    read_in.update(origin=Subquery(of_reading))
    if on_postgres:
        # A table with checks that still wait cannot be altered.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("ALTER TABLE handover_servicestatistic ENABLE TRIGGER USER")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("handover", "0004_notes")]
    operations = [
        migrations.AddField("readingsource", "names", models.JSONField(default=dict)),
        migrations.AddField("reading", "outcome", models.JSONField(default=dict)),
        migrations.AddField(
            "servicestatistic",
            "origin",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="statistics",
                to="handover.readingsource",
            ),
        ),
        migrations.RunPython(name_sources, migrations.RunPython.noop, elidable=True),
        migrations.RemoveConstraint("servicestatistic", "handover_statistic_one_first"),
        migrations.AddConstraint(
            "servicestatistic",
            models.UniqueConstraint(
                "membership",
                "business_date",
                "source",
                Coalesce("origin", 0),
                name="handover_statistic_one_first",
                condition=Q(supersedes=None),
            ),
        ),
        migrations.AddConstraint(
            "servicestatistic",
            models.CheckConstraint(name="handover_statistic_origin", condition=Q(origin=None) | Q(source="imported")),
        ),
        migrations.AddConstraint(
            "order", models.CheckConstraint(name="handover_order_has_number", condition=~Q(number=""))
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                name="handover_order_of_our_time",
                condition=Q(business_date__gte=date(2000, 1, 1), business_date__lte=date(2100, 12, 31)),
            ),
        ),
    ]
