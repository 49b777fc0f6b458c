"""The addresses of the contentious stage."""

from django.urls import path

from collections_app.views import contentious, contentious_acts, contentious_papers, contentious_reports

urlpatterns = [
    path("contentious/", contentious.listing, name="legal_files"),
    path("contentious/customers/<int:pk>/", contentious.new, name="legal_file_new"),
    path("contentious/customers/<int:pk>/panel/", contentious.customer_panel, name="legal_panel"),
    path("contentious/reports/", contentious_reports.reports, name="legal_reports"),
    path("contentious/<int:pk>/", contentious.file, name="legal_file"),
    path("contentious/<int:pk>/act/<slug:act>/", contentious_acts.act, name="legal_act"),
    path("contentious/<int:pk>/facts/", contentious_acts.facts, name="legal_facts"),
    path("contentious/<int:pk>/notice/", contentious_acts.notice, name="legal_notice"),
    path("contentious/<int:pk>/notice/body/", contentious_acts.notice_body, name="legal_notice_body"),
    path("contentious/<int:pk>/notice.pdf", contentious_papers.notice_pdf, name="legal_notice_pdf"),
    path("contentious/<int:pk>/court.pdf", contentious_papers.court_pdf, name="legal_court_pdf"),
    path("contentious/<int:pk>/interest.pdf", contentious_papers.interest_pdf, name="legal_interest_pdf"),
    path("contentious/<int:pk>/pack/", contentious_papers.pack, name="legal_pack"),
    path("contentious/<int:pk>/hand-over/", contentious_papers.hand_over, name="legal_hand_over"),
    path("contentious/<int:pk>/steps/<int:seq>/", contentious_papers.document, name="legal_document"),
]
