from django.urls import path

from handover.views import training

urlpatterns = [
    path("training/", training.training, name="training"),
    path("training/<int:pk>/", training.mentorship, name="mentorship"),
    path("training/<int:pk>/point/", training.mentorship_point, name="mentorship_point"),
    path("training/<int:pk>/pass/", training.mentorship_pass, name="mentorship_pass"),
    path("training/<int:pk>/end/", training.mentorship_end, name="mentorship_end"),
]
