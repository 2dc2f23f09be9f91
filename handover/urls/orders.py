from django.urls import path

from handover.views import orders

urlpatterns = [
    path("orders/", orders.orders, name="orders"),
    path("orders/untagged/", orders.untagged_now, name="untagged_now"),
    path("orders/untagged/<month:month>/", orders.untagged, name="untagged"),
    path("orders/<int:pk>/", orders.order, name="order"),
    path("orders/<int:pk>/claim/", orders.order_claim, name="order_claim"),
    path("orders/<int:pk>/decide/", orders.order_decide, name="order_decide"),
    path("orders/claims/<int:pk>/withdraw/", orders.claim_withdraw, name="claim_withdraw"),
    path("orders/claims/<int:pk>/confirm/", orders.claim_confirm, name="claim_confirm"),
    path("orders/claims/<int:pk>/refuse/", orders.claim_refuse, name="claim_refuse"),
]
