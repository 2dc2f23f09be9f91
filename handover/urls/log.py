from django.urls import path, register_converter

from handover.customers import HandleConverter
from handover.views import customers, endings, items, log, paper

register_converter(HandleConverter, "handle")

urlpatterns = [
    path("handover/", log.log, name="log"),
    path("handover/pulse/", log.pulse, name="pulse"),
    path("handover/new/", items.item_new, name="item_new"),
    path("handover/submit/", endings.submit, name="submit"),
    path("handover/take-back/", endings.take_back, name="take_back"),
    path("handover/print/", paper.print_open, name="log_print"),
    path("handover/<int:pk>/print/", paper.print_handover, name="handover_print"),
    path("handover/items/<int:pk>/", items.item, name="item"),
    path("handover/items/<int:pk>/accept/", items.item_accept, name="item_accept"),
    path("handover/items/<int:pk>/ask/", items.item_ask, name="item_ask"),
    path("handover/items/<int:pk>/refuse/", items.item_refuse, name="item_refuse"),
    path("handover/items/<int:pk>/answer/", items.item_answer, name="item_answer"),
    path("handover/items/<int:pk>/assign/", items.item_assign, name="item_assign"),
    path("handover/items/<int:pk>/note/", items.item_note, name="item_note"),
    path("handover/items/<int:pk>/done/", items.item_done, name="item_done"),
    path("handover/customers/", customers.customers, name="customers"),
    path("handover/customers/<handle:handle>/", customers.customer, name="customer"),
    path("gate/", endings.gate, name="gate"),
    path("end-shift/", endings.end_shift, name="end_shift"),
]
