from django.urls import path

from . import views

app_name = "ledger"
urlpatterns = [
    path("incidents/", views.incidents, name="incidents"),
    path("incidents/new/", views.incident_new, name="incident_new"),
    path("incidents/<int:pk>/", views.incident_detail, name="incident_detail"),
    path("incidents/<int:pk>/confirm/", views.incident_confirm, name="incident_confirm"),
    path("incidents/<int:pk>/dismiss/", views.incident_dismiss, name="incident_dismiss"),
    path("fund/", views.fund, name="fund"),
    path("dues/", views.dues, name="dues"),
    path("dues/<int:pk>/pay/", views.payment_new, name="payment_new"),
]
