from django.urls import path

from . import views

app_name = "shifts"
urlpatterns = [
    path("roster/<month:month>/", views.roster, name="roster"),
    path("roster/<month:month>/cells/", views.roster_cells, name="roster_cells"),
    path("roster/<month:month>/publish/", views.roster_publish, name="roster_publish"),
    path("roster/<month:month>/discard/", views.roster_discard, name="roster_discard"),
    path("clock-in/", views.clock_in, name="clock_in"),
    path("open-customers/", views.open_customers, name="open_customers"),
]
