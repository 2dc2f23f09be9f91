from django.urls import path

from shifts.views import checks as views
from shifts.views import overrides

urlpatterns = [
    path("roster/<month:month>/checks/", views.roster_checks, name="roster_checks"),
    path("roster/<month:month>/checks/stand/", overrides.roster_stand, name="roster_stand"),
]
