from django.urls import path

from shifts.views import filling as views

urlpatterns = [
    path("roster/<month:month>/fill/", views.roster_fill, name="roster_fill"),
]
