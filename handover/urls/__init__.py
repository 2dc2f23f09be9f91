from . import cases, launches, log, meetings, metrics, orders, readings, register, search, statistics, training, weekly

app_name = "handover"
urlpatterns = [
    *log.urlpatterns,
    *register.urlpatterns,
    *cases.urlpatterns,
    *search.urlpatterns,
    *statistics.urlpatterns,
    *readings.urlpatterns,
    *orders.urlpatterns,
    *metrics.urlpatterns,
    *weekly.urlpatterns,
    *meetings.urlpatterns,
    *training.urlpatterns,
    *launches.urlpatterns,
]
