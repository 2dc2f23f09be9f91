from django.urls import path

from handover.views import launches

urlpatterns = [
    path("launches/", launches.launches, name="launches"),
    path("launches/new/", launches.launch_new, name="launch_new"),
    path("launches/<int:pk>/", launches.launch, name="launch"),
    path("launches/<int:pk>/edit/", launches.launch_edit, name="launch_edit"),
    path("launches/<int:pk>/ask/", launches.launch_ask, name="launch_ask"),
    path("launches/<int:pk>/drop/", launches.launch_drop, name="launch_drop"),
    path("launches/<int:pk>/open/", launches.launch_open, name="launch_open"),
    path("launches/<int:pk>/add/", launches.launch_add, name="launch_add"),
    path("launches/<int:pk>/cancel/", launches.launch_cancel, name="launch_cancel"),
    path("launches/<int:pk>/read/", launches.launch_read, name="launch_read"),
    path("launches/<int:pk>/quiz/", launches.quiz, name="quiz"),
]
