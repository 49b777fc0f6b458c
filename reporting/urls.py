"""Addresses of the reporting room."""

from django.urls import path

from reporting import customer_views, score_views, target_views, views
from reporting.api import GroupView, ReportList, ReportView
from reporting.boards import views as boards
from reporting.subscriptions import outside
from reporting.subscriptions import views as mails

app_name = "reporting"

urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/behind/", views.behind_figure, name="behind"),
    path("dashboard/files/group.<slug:form>", views.group_file, name="group_file"),
    path("dashboard/files/<slug:name>.<slug:form>", views.report_file, name="file"),
    path("reports/customers/<int:pk>/figures/", customer_views.figures, name="customer_figures"),
    path("dashboard/targets/", target_views.page, name="targets"),
    path("dashboard/targets/new/", target_views.new_target, name="target_new"),
    path("dashboard/targets/<int:pk>/drop/", target_views.drop_target, name="target_drop"),
    path("dashboard/targets/rates/", target_views.new_rates, name="cost_rates_new"),
    path("dashboard/targets/rates/<int:pk>/drop/", target_views.drop_rates, name="cost_rates_drop"),
    path("dashboard/boards/", boards.page, name="boards"),
    path("dashboard/boards/new/", boards.new, name="board_new"),
    path("dashboard/boards/first/", boards.first, name="board_first"),
    path("dashboard/boards/<int:pk>/", boards.edit, name="board"),
    path("dashboard/boards/<int:pk>/delete/", boards.delete, name="board_delete"),
    path("dashboard/mails/", mails.page, name="subscriptions"),
    path("dashboard/mails/new/", mails.new, name="subscription_new"),
    path("dashboard/mails/<int:pk>/", mails.edit, name="subscription"),
    path("dashboard/mails/<int:pk>/pause/", mails.pause, name="subscription_pause"),
    path("dashboard/mails/<int:pk>/go-on/", mails.go_on, name="subscription_go_on"),
    path("dashboard/mails/<int:pk>/end/", mails.end, name="subscription_end"),
    path("dashboard/mails/<int:pk>/send/", mails.send, name="subscription_send"),
    path("dashboard/mails/<int:pk>/leave/", mails.leave, name="subscription_leave"),
    path("dashboard/mails/<int:pk>/come-back/", mails.come_back, name="subscription_come_back"),
    path("reports/stop/<str:token>/", outside.stop, name="mail_stop"),
    path("scores/", score_views.page, name="scores"),
    path("scores/wishes/", score_views.wishes, name="score_wishes"),
    path("scores/rules/", score_views.rules, name="score_rules"),
    path("scores/goals/", score_views.new_goal, name="score_goals"),
    path("scores/goals/<int:pk>/drop/", score_views.drop_goal, name="score_goal_drop"),
    path("api/v1/reports/", ReportList.as_view(), name="api-reports"),
    path("api/v1/reports/group/", GroupView.as_view(), name="api-group"),
    path("api/v1/reports/<slug:name>/", ReportView.as_view(), name="api-report"),
]
