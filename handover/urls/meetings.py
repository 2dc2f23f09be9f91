from django.urls import path

from handover.views import meetings

urlpatterns = [
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/arrange/", meetings.meeting_arrange, name="meeting_arrange"),
    path("meetings/<int:pk>/cancel/", meetings.meeting_cancel, name="meeting_cancel"),
    path("meetings/<int:pk>/came/", meetings.meeting_came, name="meeting_came"),
    path("meetings/<int:pk>/minutes/", meetings.meeting_minutes, name="meeting_minutes"),
    path("meetings/<int:pk>/decide/", meetings.meeting_decide, name="meeting_decide"),
]
