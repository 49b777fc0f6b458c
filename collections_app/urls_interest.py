"""The addresses of late interest, debit notes and waivers."""

from django.urls import path

from collections_app.views import interest, interest_acts, interest_settings

urlpatterns = [
    path("interest/", interest.listing, name="interest"),
    path("interest/customers/<int:pk>/", interest.customer, name="interest_customer"),
    path("interest/customers/<int:pk>/panel/", interest.customer_panel, name="interest_customer_panel"),
    path("interest/customers/<int:pk>/claim/", interest_acts.claim, name="interest_claim"),
    path("interest/customers/<int:pk>/waive/", interest_acts.waive, name="interest_waive"),
    path("interest/customers/<int:pk>/terms/", interest_settings.customer_terms, name="interest_terms"),
    path("interest/invoices/<int:pk>/", interest.invoice, name="interest_invoice"),
    path("interest/invoices/<int:pk>/panel/", interest.invoice_panel, name="interest_invoice_panel"),
    path("interest/notes/", interest_acts.notes, name="debit_notes"),
    path("interest/notes/<int:pk>/", interest_acts.note, name="debit_note"),
    path("interest/notes/<int:pk>/note.pdf", interest_acts.note_pdf, name="debit_note_pdf"),
    path("interest/notes/<int:pk>/cancel/", interest_acts.cancel, name="debit_note_cancel"),
    path("interest/waivers/", interest_acts.waiver_list, name="waivers"),
    path("interest/waivers/<int:pk>/", interest_acts.waiver_decide, name="waiver_decide"),
    path("interest/rates/", interest_settings.rates, name="interest_rates"),
    path("interest/settings/", interest_settings.habits, name="interest_settings"),
    path("interest/settings/terms/", interest_settings.house_terms, name="interest_house_terms"),
]
