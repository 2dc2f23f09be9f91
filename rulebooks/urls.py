from django.urls import path

from . import views

app_name = "rulebooks"
urlpatterns = [
    path("rulebook/", views.current, name="current"),
    path("rulebook/edit/", views.edit, name="edit"),
    path("rulebook/publish/", views.publish, name="publish"),
    path("rulebook/<int:number>/", views.version, name="version"),
    path("rulebook/<int:number>/file/", views.file, name="file"),
    path("rulebook/<int:number>/changes/", views.differences, name="changes"),
]
