from django.apps import AppConfig


class ShiftsConfig(AppConfig):
    name = "shifts"

    def ready(self) -> None:
        from shifts.pages import sources

        sources.register()
