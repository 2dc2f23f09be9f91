from django.urls import path

from . import views

app_name = "rulebooks"
urlpatterns = [
    path("rulebook/", views.current, name="current"),
    path("rulebook/<int:number>/", views.version, name="version"),
]
