from django.urls import path

from shifts.views import duties as views

urlpatterns = [
    path("duties/<month:month>/", views.duties, name="duties"),
    path("duties/<month:month>/make/", views.duties_make, name="duties_make"),
    path("duties/<int:pk>/", views.duty_pass_on, name="duty_pass_on"),
    path("duties/<int:pk>/answer/", views.duty_answer, name="duty_answer"),
    path("duties/<int:pk>/done/", views.duty_done, name="duty_done"),
]
