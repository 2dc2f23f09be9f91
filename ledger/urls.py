from django.urls import path

from ledger.views import bonuses, fund, incidents

app_name = "ledger"
urlpatterns = [
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/new/", incidents.incident_new, name="incident_new"),
    path("incidents/<int:pk>/", incidents.incident_detail, name="incident_detail"),
    path("incidents/<int:pk>/confirm/", incidents.incident_confirm, name="incident_confirm"),
    path("incidents/<int:pk>/dismiss/", incidents.incident_dismiss, name="incident_dismiss"),
    path("bonuses/", bonuses.bonuses, name="bonuses"),
    path("bonuses/<int:pk>/", bonuses.bonus, name="bonus"),
    path("bonuses/<int:pk>/approve/", bonuses.bonus_approve, name="bonus_approve"),
    path("bonuses/<int:pk>/dismiss/", bonuses.bonus_dismiss, name="bonus_dismiss"),
    path("fund/", fund.fund, name="fund"),
    path("dues/", fund.dues, name="dues"),
    path("dues/<int:pk>/pay/", fund.payment_new, name="payment_new"),
]
