"""The addresses of the collections room."""

from django.urls import path

from collections_app import views

app_name = "collections_app"

urlpatterns = [
    path("pay/<str:token>/", views.pay, name="pay"),
    path("pay/order/<str:key>/", views.pay_sandbox, name="pay_sandbox"),
    path("collections/", views.today, name="notices"),
    path("collections/run/", views.run, name="run"),
    path("collections/notices/<int:pk>/", views.notice, name="notice"),
    path("collections/preview/<int:pk>/", views.preview, name="preview"),
    path("collections/preview/<int:pk>/body/", views.preview_body, name="preview_body"),
    path("collections/promises/", views.promise_list, name="promises"),
    path("collections/customers/<int:pk>/", views.customer_promises, name="customer_promises"),
    path("collections/customers/<int:pk>/panel/", views.customer_panel, name="customer_panel"),
    path("collections/customers/<int:pk>/hold/", views.hold, name="hold"),
    path("collections/holds/<int:pk>/lift/", views.lift, name="lift"),
]
