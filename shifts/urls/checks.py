from django.urls import path

from shifts.views import checks as views

urlpatterns = [
    path("roster/<month:month>/checks/", views.roster_checks, name="roster_checks"),
]
