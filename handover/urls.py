from django.urls import path

from handover.views import endings, log, notebooks

app_name = "handover"
urlpatterns = [
    path("handover/", log.log, name="log"),
    path("handover/pulse/", log.pulse, name="pulse"),
    path("handover/new/", log.item_new, name="item_new"),
    path("handover/submit/", endings.submit, name="submit"),
    path("handover/items/<int:pk>/", log.item, name="item"),
    path("handover/items/<int:pk>/accept/", log.item_accept, name="item_accept"),
    path("handover/items/<int:pk>/done/", log.item_done, name="item_done"),
    path("gate/", endings.gate, name="gate"),
    path("end-shift/", endings.end_shift, name="end_shift"),
    path("issues/", notebooks.issues, name="issues"),
    path("statistics/", notebooks.statistics, name="statistics"),
]
