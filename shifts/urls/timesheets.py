from django.urls import path

from shifts.views import timesheets as views

urlpatterns = [
    path("timesheets/<month:month>/", views.timesheets, name="timesheets"),
    path("timesheets/<month:month>/own/", views.timesheet_own, name="timesheet_own"),
    path("timesheets/<month:month>/<int:pk>/", views.timesheet, name="timesheet"),
]
