from django.urls import path

from shifts.views import attendance, away

urlpatterns = [
    path("clock-in/", attendance.clock_in, name="clock_in"),
    path("open-customers/", attendance.open_customers, name="open_customers"),
    path("attendance/<month:month>/", attendance.attendance_month, name="attendance"),
    path("away/", away.away, name="away"),
    path("back/", away.back, name="back"),
    path("away/<int:pk>/decide/", away.away_decide, name="away_decide"),
]
