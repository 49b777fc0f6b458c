"""Addresses of the ledger room."""

from django.urls import path

from ledger.views import (
    answers,
    cash,
    cash_limits,
    customers,
    files,
    imports,
    imports_rejects,
    invoices,
    rates,
    statements,
)

app_name = "ledger"
urlpatterns = [
    path("customers/", customers.listing, name="customers"),
    path("customers/<int:pk>/", customers.detail, name="customer"),
    path("invoices/", invoices.listing, name="invoices"),
    path("invoices/<int:pk>/", invoices.detail, name="invoice"),
    path("invoices/<int:pk>/contact/", invoices.contact, name="invoice_contact"),
    path("invoices/<int:pk>/files/<int:file>/", files.download, name="invoice_file"),
    path("answers/<int:pk>/original/", answers.original, name="answer_original"),
    path("rates/", rates.rates, name="rates"),
    path("cash/", cash.listing, name="cash"),
    path("cash/<int:pk>/", cash.detail, name="cash_one"),
    path("cash/<int:pk>/accept/", cash.accept, name="cash_accept"),
    path("cash/<int:pk>/allocate/", cash.allocate, name="cash_allocate"),
    path("cash/<int:pk>/aside/", cash.set_aside, name="cash_aside"),
    path("cash/<int:pk>/return/", cash.take_back, name="cash_return"),
    path("cash/<int:pk>/undo/", cash.reverse_it, name="cash_undo"),
    path("cash/<int:pk>/search/", cash.search, name="cash_search"),
    path("cash/<int:pk>/customer/<int:customer>/", cash.hand, name="cash_hand"),
    path("cash/limits/", cash_limits.limits, name="cash_limits"),
    path("cash/statements/", statements.listing, name="statements"),
    path("cash/statements/<int:pk>/", statements.detail, name="statement"),
    path("cash/statements/<int:pk>/book/", statements.book, name="statement_book"),
    path("cash/statements/<int:pk>/dismiss/", statements.dismiss, name="statement_dismiss"),
    path("imports/", imports.listing, name="imports"),
    path("imports/<int:pk>/", imports.detail, name="import"),
    path("imports/<int:pk>/progress/", imports.progress, name="import_progress"),
    path("imports/<int:pk>/mapping/", imports.mapping, name="import_mapping"),
    path("imports/<int:pk>/confirm/", imports.confirm, name="import_confirm"),
    path("imports/<int:pk>/cancel/", imports.cancel, name="import_cancel"),
    path("imports/<int:pk>/rejects/", imports_rejects.rejects, name="import_rejects"),
    path("imports/<int:pk>/rejects.csv", imports_rejects.rejects_csv, name="import_rejects_csv"),
    path("imports/<int:pk>/rejects/<int:reject_pk>/", imports_rejects.fix, name="import_reject_fix"),
    path("imports/<int:pk>/undo/", imports.take_back, name="import_undo"),
]
