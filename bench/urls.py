"""The addresses of the program with the bare view beside them."""

from django.urls import path

from config.urls import urlpatterns as ours

from .roster import bare

urlpatterns = [path("bench/<slug:code>/<month:month>/", bare), *ours]
