from django.urls import path

from shifts.views import leave

urlpatterns: list = [
    path("leave/", leave.leaves, name="leaves"),
    path("leave/new/", leave.leave_new, name="leave_new"),
    path("leave/days/", leave.leave_days, name="leave_days"),
    path("leave/<int:pk>/", leave.leave_detail, name="leave"),
    path("leave/<int:pk>/approve/", leave.leave_approve, name="leave_approve"),
    path("leave/<int:pk>/refuse/", leave.leave_refuse, name="leave_refuse"),
    path("leave/<int:pk>/withdraw/", leave.leave_withdraw, name="leave_withdraw"),
    path("leave/<int:pk>/cancel/", leave.leave_cancel, name="leave_cancel"),
    path("leave/<int:pk>/attachment/", leave.leave_attachment, name="leave_attachment"),
]
