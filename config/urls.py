"""The URL map. Each room writes its whole paths in its own urls.py; only the API and the porch stand here."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

from config import errors, health

ROOMS = ("accounts", "ledger", "mailroom", "disputes", "collections_app", "chat", "reporting")

router = DefaultRouter()
for room in ROOMS:
    if find_spec(f"{room}.api"):
        import_module(f"{room}.api").register(router)

rooms: list[URLPattern | URLResolver] = [
    path("", include(f"{room}.urls")) for room in ROOMS if find_spec(f"{room}.urls")
]

urlpatterns = [
    *rooms,
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include(router.urls)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("health/live", health.live),
    path("health/ready", health.ready),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
