from django.urls import path

from handover.views import metrics

urlpatterns = [
    path("statistics/figures/", metrics.statistic_figures, name="statistic_figures"),
    path("statistics/figures/rows/", metrics.statistic_rows, name="statistic_rows"),
]
