from django.urls import path

from shifts.views import qualifications as views

urlpatterns = [
    path("skills/", views.qualifications, name="qualifications"),
    path("skills/set/", views.qualification_set, name="qualification_set"),
    path("skills/remove/", views.qualification_remove, name="qualification_remove"),
]
