"""Every address. What belongs to a department stands under `/d/<code>/`."""

from allauth.account import urls as account_urls
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, register_converter
from django.views.i18n import set_language

from config import api
from office.months import MonthConverter
from people.views.invitations import welcome
from shifts.views.feeds import feed

register_converter(MonthConverter, "month")

# Of allauth's pages those that somebody here has a use for: accounts have no e-mail addresses to manage and no codes.
ACCOUNT_PAGES = frozenset(
    {
        "account_login",
        "account_logout",
        "account_inactive",
        "account_signup",
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
    }
)

department = [
    path("", include("shifts.urls")),
    path("", include("handover.urls")),
    path("", include("ledger.urls")),
    path("", include("kpi.urls")),
    path("", include("rulebooks.urls")),
    path("", include("people.urls")),
]

urlpatterns = [
    path("", include("desk.urls")),
    path("", include("office.urls")),
    path("accounts/", include([entry for entry in account_urls.urlpatterns if entry.name in ACCOUNT_PAGES])),
    # The language may be chosen before signing in.
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    # An invitation is for somebody who cannot sign in yet.
    path("welcome/<str:token>/", welcome, name="welcome"),
    # Programs show a token of their department instead of signing in.
    path("api/v1/", include((api.addresses(), "api"))),
    # A calendar program knows only this secret.
    path("feed/<str:token>.ics", feed, name="feed"),
    path("d/<slug:code>/", include(department)),
]
