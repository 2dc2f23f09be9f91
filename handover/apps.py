from django.apps import AppConfig


class HandoverConfig(AppConfig):
    name = "handover"

    def ready(self) -> None:
        from handover.pages import register
        from ledger import sources

        sources.register("issue", register.links_of)
