from django.urls import path

from handover.views import metric_rows, metrics

urlpatterns = [
    path("statistics/figures/", metrics.statistic_figures, name="statistic_figures"),
    path("statistics/figures/rows/", metric_rows.statistic_rows, name="statistic_rows"),
    path("statistics/figures/differences/", metric_rows.statistic_differences, name="statistic_differences"),
]
