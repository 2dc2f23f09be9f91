from django.urls import path

from shifts.views import calendar as views

urlpatterns = [
    path("calendar/<int:year>/", views.calendar, name="calendar"),
    path("calendar/<int:year>/seed/", views.calendar_seed, name="calendar_seed"),
    path("calendar/<int:year>/known/", views.calendar_known, name="calendar_known"),
    path("calendar/day/", views.calendar_day, name="calendar_day"),
    path("calendar/day/forget/", views.calendar_day_forget, name="calendar_day_forget"),
]
