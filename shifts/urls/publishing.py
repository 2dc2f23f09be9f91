from django.urls import path

from shifts.views import publishing as views

urlpatterns = [
    path("roster/<month:month>/publish/", views.roster_publish, name="roster_publish"),
    path("roster/<month:month>/discard/", views.roster_discard, name="roster_discard"),
    path("roster/<month:month>/versions/", views.roster_versions, name="roster_versions"),
    path("roster/<month:month>/versions/<int:number>/", views.roster_version, name="roster_version"),
    path("roster/<month:month>/lock/", views.roster_lock, name="roster_lock"),
    path("roster/<month:month>/unlock/", views.roster_unlock, name="roster_unlock"),
    path("roster/changes/<int:pk>/acknowledge/", views.change_acknowledge, name="roster_acknowledge"),
]
