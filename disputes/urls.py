"""Addresses of the disputes room."""

from django.urls import path

from disputes import urls_settings, views

app_name = "disputes"
urlpatterns = [
    path("disputes/", views.queue, name="list"),
    path("disputes/fresh/", views.fresh, name="fresh"),
    path("disputes/bulk/", views.bulk, name="bulk"),
    path("disputes/new/", views.new, name="new"),
    path("disputes/short-payment/", views.short_payment, name="short_payment"),
    path("disputes/of-invoice/<int:pk>/", views.for_invoice, name="for_invoice"),
    path("disputes/<int:pk>/", views.detail, name="detail"),
    path("disputes/<int:pk>/card/", views.card, name="card"),
    path("disputes/<int:pk>/timeline/", views.timeline, name="timeline"),
    path("disputes/<int:pk>/move/<slug:code>/", views.move, name="move"),
    path("disputes/<int:pk>/assign/", views.assign, name="assign"),
    path("disputes/<int:pk>/reason/", views.classify, name="classify"),
    path("disputes/<int:pk>/lines/", views.lines, name="lines"),
    path("disputes/<int:pk>/close/", views.close, name="close"),
    path("disputes/<int:pk>/reopen/", views.reopen, name="reopen"),
    path("disputes/<int:pk>/ask/", views.ask, name="ask"),
    path("disputes/<int:pk>/evidence/", views.all_evidence, name="evidence"),
    path("disputes/<int:pk>/evidence/<int:evidence>/", views.evidence, name="evidence_one"),
    path("disputes/<int:pk>/evidence/<int:evidence>/file/", views.evidence_file, name="evidence_file"),
    path(
        "disputes/<int:pk>/evidence/<int:evidence>/preview/", views.evidence_preview, name="evidence_preview"
    ),
    path("disputes/<int:pk>/evidence/<int:evidence>/share/", views.share_evidence, name="evidence_share"),
    path("disputes/<int:pk>/evidence/<int:evidence>/redact/", views.redact_evidence, name="evidence_redact"),
    path("disputes/<int:pk>/pack/", views.pack, name="pack"),
    path("answers/", views.answers, name="answers"),
    path("answers/codes/", views.codes, name="codes"),
    path("answers/codes/new/", views.code_form, name="code_new"),
    path("answers/codes/map/", views.map_code, name="code_map"),
    path("answers/codes/<int:pk>/", views.code_form, name="code"),
    path("answers/codes/<int:pk>/drop/", views.drop_code, name="code_drop"),
    path("a/<str:secret>/", views.by_link, name="by_link"),
    path("questions/", views.questions, name="questions"),
    path("questions/<int:pk>/", views.question_card, name="question_card"),
    path("questions/<int:pk>/answer/", views.answer, name="answer"),
    path("questions/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    *urls_settings.urlpatterns,
]
