from django.urls import path

from shifts.views import feeds as views

urlpatterns = [
    path("calendar-feed/", views.calendar_feed, name="calendar_feed"),
    path("calendar-feed/new/", views.calendar_feed_new, name="calendar_feed_new"),
    path("calendar-feed/revoke/", views.calendar_feed_revoke, name="calendar_feed_revoke"),
]
