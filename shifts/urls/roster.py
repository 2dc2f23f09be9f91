from django.urls import path

from shifts.views import roster as views

urlpatterns = [
    path("roster/<month:month>/", views.roster, name="roster"),
    path("roster/<month:month>/cells/", views.roster_cells, name="roster_cells"),
]
