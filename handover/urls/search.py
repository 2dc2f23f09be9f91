from django.urls import path

from handover.views import search

urlpatterns = [
    path("search/", search.search, name="search"),
]
