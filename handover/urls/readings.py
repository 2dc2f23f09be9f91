from django.urls import path

from handover.views import readings

urlpatterns = [
    path("readings/", readings.readings, name="readings"),
    path("readings/<int:pk>/", readings.reading, name="reading"),
    path("readings/<int:pk>/columns/", readings.columns, name="reading_columns"),
    path("readings/<int:pk>/names/", readings.names, name="reading_names"),
    path("readings/<int:pk>/start/", readings.start, name="reading_start"),
    path("readings/<int:pk>/drop/", readings.drop, name="reading_drop"),
    path("readings/<int:pk>/wrong/", readings.wrong_rows, name="reading_wrong"),
]
