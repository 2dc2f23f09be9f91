from django.urls import path

from desk.views import today

app_name = "desk"
urlpatterns = [
    path("", today.home, name="home"),
    path("d/<slug:code>/", today.today, name="today"),
]
