"""Every address. What belongs to a department stands under `/d/<code>/`."""

from django.urls import include, path, register_converter

from office.months import MonthConverter

register_converter(MonthConverter, "month")

department = [
    path("", include("shifts.urls")),
    path("", include("handover.urls")),
    path("", include("ledger.urls")),
    path("", include("kpi.urls")),
    path("", include("rulebooks.urls")),
]

urlpatterns = [
    path("", include("desk.urls")),
    path("", include("office.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("d/<slug:code>/", include(department)),
]
