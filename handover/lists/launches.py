"""The lists of launches and of who knows one: what their columns hold, on the page and in the file."""

from django.utils.translation import gettext_lazy as _

from office.tables import Column, Kind

LAUNCH_COLUMNS = (
    Column("product", _("Product"), lambda row: row.launch.product, sort=True),
    Column("known_by", _("Known by"), lambda row: row.launch.known_by, sort=True, kind=Kind.DAY),
    Column("trainer", _("Who explains it"), lambda row: row.trainer, sort=True),
    Column("ready", _("Ready"), lambda row: row.ready_words, sort=lambda row: row.ready),
    Column("state", _("State"), lambda row: str(row.state.label), sort=True),
)

LEARNER_COLUMNS = (
    Column("number", _("Work number"), lambda row: row.membership.work_number, on_page=False),
    Column("who", _("Name"), lambda row: row.membership.name, sort=lambda row: row.membership.work_number),
    Column("state", _("State"), lambda row: str(row.state.label), sort=True),
    Column("attempts", _("Attempts"), lambda row: row.tried, sort=True, kind=Kind.NUMBER),
    Column("best", _("Best"), lambda row: row.best),
    Column("when", _("Ready since"), lambda row: row.ready_at, sort=True, kind=Kind.INSTANT),
)
