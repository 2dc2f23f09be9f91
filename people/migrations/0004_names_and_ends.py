"""User names that differ in more than capitals, names that can be shown, and roles that end with a membership."""

from collections import defaultdict

import django.db.models.functions.text
import people.models
from django.db import migrations, models
from django.db.models import Exists, OuterRef


def refuse_twins(apps, schema_editor):
    """Which of two names should go, nobody but the people themselves can say."""
    same = defaultdict(list)
    for username in apps.get_model("people", "User").objects.values_list("username", flat=True):
        same[username.lower()].append(username)
    if twins := [" / ".join(sorted(each)) for each in same.values() if len(each) > 1]:
        raise ValueError(f"User names that differ in capitals alone; rename all but one of each: {', '.join(twins)}")


def mark_ends(apps, schema_editor):
    """Roles that end on a membership's last day ended because of it, as far as anybody can tell now."""
    members = apps.get_model("people", "Membership").objects.filter(
        user=OuterRef("user"), department=OuterRef("department"), until_day=OuterRef("until_day")
    )
    apps.get_model("people", "RoleGrant").objects.filter(Exists(members)).update(with_membership=True)


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0003_onboarding"),
    ]

    operations = [
        migrations.RunPython(refuse_twins, migrations.RunPython.noop),
        migrations.AddField(
            model_name="rolegrant",
            name="own_end",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="rolegrant",
            name="with_membership",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="membership",
            name="work_number",
            field=models.CharField(max_length=12, validators=[people.models.can_be_shown]),
        ),
        migrations.AlterField(
            model_name="user",
            name="name",
            field=models.CharField(max_length=60, validators=[people.models.can_be_shown], verbose_name="name"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("username"),
                name="people_username_once",
                violation_error_message="This user name is taken, in small letters or capitals.",
            ),
        ),
        migrations.RunPython(mark_ends, migrations.RunPython.noop),
    ]
