from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class OfficeConfig(AppConfig):
    name = "office"

    def ready(self) -> None:
        from . import triggers

        # The only two signals in the house. Both fire once for this app, before and after the whole migration.
        pre_migrate.connect(triggers.before_migrate, sender=self)
        post_migrate.connect(triggers.after_migrate, sender=self)
