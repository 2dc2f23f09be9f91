from django.urls import path

from handover.views import statistics

urlpatterns = [
    path("statistics/", statistics.statistics, name="statistics"),
]
