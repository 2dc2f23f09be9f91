"""The project's addresses, with the one of the calendars as config/urls.py has it."""

from django.urls import path

from config import urls
from shifts.views.feeds import feed

urlpatterns = [*urls.urlpatterns, path("feed/<str:token>.ics", feed, name="feed")]
