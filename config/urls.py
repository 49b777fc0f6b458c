"""The URL map. Each room writes its whole paths in its own urls.py; the API's router and the porch stand here."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from accounts import api as accounts_api
from chat import api as chat_api
from collections_app import api as collections_api
from config import errors, health, mail_hooks
from disputes import api as disputes_api
from ledger import api as ledger_api
from mailroom import api as mailroom_api
from reporting import api as reporting_api

router = DefaultRouter()
for room in (
    accounts_api,
    ledger_api,
    mailroom_api,
    disputes_api,
    collections_api,
    chat_api,
    reporting_api,
):
    room.register(router)

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("ledger.urls")),
    path("", include("mailroom.urls")),
    path("", include("disputes.urls")),
    path("", include("collections_app.urls")),
    path("", include("chat.urls")),
    path("", include("reporting.urls")),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include(router.urls)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    *mail_hooks.addresses(),
    path("health/live", health.live),
    path("health/ready", health.ready),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
