from django.urls import path

from handover.views import weekly

urlpatterns = [
    path("weekly/", weekly.weekly, name="weekly"),
    path("weekly/save/", weekly.weekly_save, name="weekly_save"),
    path("weekly/board/", weekly.weekly_board, name="weekly_board"),
    path("weekly/<int:pk>/", weekly.weekly_summary, name="weekly_summary"),
]
