"""Addresses of the ledger room."""

from django.urls import path

from ledger.views import customers, files, imports, invoices

app_name = "ledger"
urlpatterns = [
    path("customers/", customers.listing, name="customers"),
    path("customers/<int:pk>/", customers.detail, name="customer"),
    path("invoices/", invoices.listing, name="invoices"),
    path("invoices/<int:pk>/", invoices.detail, name="invoice"),
    path("invoices/<int:pk>/files/<int:file>/", files.download, name="invoice_file"),
    path("imports/", imports.listing, name="imports"),
    path("imports/<int:pk>/", imports.detail, name="import"),
    path("imports/<int:pk>/progress/", imports.progress, name="import_progress"),
    path("imports/<int:pk>/mapping/", imports.mapping, name="import_mapping"),
    path("imports/<int:pk>/confirm/", imports.confirm, name="import_confirm"),
    path("imports/<int:pk>/cancel/", imports.cancel, name="import_cancel"),
    path("imports/<int:pk>/rejects/", imports.rejects, name="import_rejects"),
    path("imports/<int:pk>/rejects.csv", imports.rejects_csv, name="import_rejects_csv"),
]
