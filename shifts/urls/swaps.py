from django.urls import path

from shifts.views import cover as covering
from shifts.views import swaps as views

urlpatterns = [
    path("swaps/", views.swaps, name="swaps"),
    path("swaps/new/", views.swap_new, name="swap_new"),
    path("swaps/<int:pk>/", views.swap, name="swap"),
    path("swaps/<int:pk>/<str:step>/", views.swap_step, name="swap_step"),
    path("cover/<str:day>/<str:shift>/", covering.cover, name="cover"),
    path("shifts/<int:key>/answers/", covering.answers, name="answers"),
]
