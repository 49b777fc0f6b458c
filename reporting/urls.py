"""Addresses of the reporting room."""

from django.urls import path

from reporting import views
from reporting.api import ReportList, ReportView

app_name = "reporting"

urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/behind/", views.behind_figure, name="behind"),
    path("dashboard/files/<slug:name>.<slug:form>", views.report_file, name="file"),
    path("api/v1/reports/", ReportList.as_view(), name="api-reports"),
    path("api/v1/reports/<slug:name>/", ReportView.as_view(), name="api-report"),
]
