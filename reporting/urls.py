"""Addresses of the reporting room."""

from django.urls import path

from reporting import customer_views, score_views, views
from reporting.api import ReportList, ReportView

app_name = "reporting"

urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/behind/", views.behind_figure, name="behind"),
    path("dashboard/files/<slug:name>.<slug:form>", views.report_file, name="file"),
    path("reports/customers/<int:pk>/figures/", customer_views.figures, name="customer_figures"),
    path("scores/", score_views.page, name="scores"),
    path("scores/wishes/", score_views.wishes, name="score_wishes"),
    path("scores/rules/", score_views.rules, name="score_rules"),
    path("scores/goals/", score_views.new_goal, name="score_goals"),
    path("scores/goals/<int:pk>/drop/", score_views.drop_goal, name="score_goal_drop"),
    path("api/v1/reports/", ReportList.as_view(), name="api-reports"),
    path("api/v1/reports/<slug:name>/", ReportView.as_view(), name="api-report"),
]
