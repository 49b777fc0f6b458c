"""The addresses of the collections room."""

from django.urls import path

from collections_app import urls_interest, views

app_name = "collections_app"

urlpatterns = [
    path("pay/<str:token>/", views.pay, name="pay"),
    path("pay/order/<str:key>/", views.pay_sandbox, name="pay_sandbox"),
    path("collections/", views.today, name="notices"),
    path("collections/run/", views.run, name="run"),
    path("collections/plans/", views.plan_list, name="plans"),
    path("collections/plans/new/", views.plan_new, name="plan_new"),
    path("collections/plans/follow/", views.plan_follow, name="plan_follow"),
    path("collections/plans/<int:pk>/", views.plan, name="plan"),
    path("collections/plans/<int:pk>/tried/", views.plan_tried, name="plan_tried"),
    path("collections/plans/<int:pk>/edit/", views.plan_edit, name="plan_edit"),
    path("collections/plans/<int:pk>/publish/", views.plan_publish, name="plan_publish"),
    path("collections/plans/<int:pk>/discard/", views.plan_discard, name="plan_discard"),
    path("collections/ahead/", views.ahead, name="ahead"),
    path("collections/ahead/days/", views.ahead_days, name="ahead_days"),
    path("collections/release/", views.release_queue, name="release"),
    path("collections/release/answer/", views.release, name="release_answer"),
    path("collections/notices/<int:pk>/", views.notice, name="notice"),
    path("collections/preview/<int:pk>/", views.preview, name="preview"),
    path("collections/preview/<int:pk>/body/", views.preview_body, name="preview_body"),
    path("collections/promises/", views.promise_list, name="promises"),
    path("collections/promises/<uuid:act>/decide/", views.decide, name="promise_decide"),
    path("collections/promises/<uuid:act>/cancel/", views.cancel, name="promise_cancel"),
    path("collections/customers/<int:pk>/instalments/", views.new_instalments, name="instalments_new"),
    path("collections/instalments/<int:pk>/", views.instalment_plan, name="instalments"),
    path("collections/instalments/<int:pk>/act/", views.instalments_act, name="instalments_act"),
    path("collections/promise-rules/", views.promise_rules, name="promise_rules"),
    path("collections/customers/<int:pk>/", views.customer_promises, name="customer_promises"),
    path("collections/customers/<int:pk>/panel/", views.customer_panel, name="customer_panel"),
    path("collections/customers/<int:pk>/hold/", views.hold, name="hold"),
    path("collections/holds/<int:pk>/lift/", views.lift, name="lift"),
    *urls_interest.urlpatterns,
]
