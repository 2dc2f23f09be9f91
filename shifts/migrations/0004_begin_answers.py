"""Every shift that is published already has somebody who answers for it: its agent."""

from django.db import migrations

from office import clock


def begin(apps, schema_editor):
    Answer, Assignment = apps.get_model("shifts", "Answer"), apps.get_model("shifts", "Assignment")
    now = clock.now()
    planned = Assignment.objects.filter(layer="published", is_rest=False).order_by("pk")
    Answer.objects.bulk_create(
        (
            Answer(
                assignment=row,
                key=row.pk,
                membership_id=row.membership_id,
                business_date=row.business_date,
                code=row.code,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                # Since when is not known any more: at the latest since the shift began.
                from_at=min(now, row.starts_at),
            )
            for row in planned.iterator(chunk_size=1000)
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [("shifts", "0003_leave_swaps_calendar_duties")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
