from django.urls import path

from shifts.views import sheets as views

urlpatterns = [
    path("roster/<month:month>/sheet/", views.roster_sheet, name="roster_sheet"),
    path("roster/<month:month>/import/", views.roster_import, name="roster_import"),
    path("roster/<month:month>/print/", views.roster_print, name="roster_print"),
]
