from django.urls import path

from . import views

app_name = "kpi"
urlpatterns = [
    path("scores/<month:month>/", views.month, name="month"),
    path("scores/<month:month>/run/", views.run, name="run"),
    path("scores/<month:month>/<int:pk>/", views.scorecard, name="scorecard"),
    path("scores/<month:month>/<int:pk>/judge/", views.judge, name="judge"),
]
