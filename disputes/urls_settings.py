"""Addresses of the company's settings: routes and their editor, simulation, reasons, rules."""

from django.urls import path

from disputes.views import (
    dispute_route,
    migration,
    priority,
    reasons,
    route_draft,
    route_rules,
    routes,
    settings,
    simulation,
)

DRAFT = "settings/routes/<int:pk>/draft"
STAGE = f"{DRAFT}/stages/<slug:code>"
PART = f"{STAGE}/<slug:kind>"

urlpatterns = [
    path("disputes/<int:pk>/route/", dispute_route.dispute_route, name="dispute_route"),
    path("settings/", settings.settings, name="settings"),
    path("settings/reasons/", reasons.reasons, name="reasons"),
    path("settings/reasons/new/", reasons.reason, name="reason_new"),
    path("settings/reasons/<int:pk>/", reasons.reason, name="reason"),
    path("settings/priority/", priority.priority_weights, name="priority_weights"),
    path("settings/rules/", route_rules.rules, name="rules"),
    path("settings/rules/new/", route_rules.rule, name="rule_new"),
    path("settings/rules/<int:pk>/", route_rules.rule, name="rule"),
    path("settings/rules/<int:pk>/act/", route_rules.rule_act, name="rule_act"),
    path("settings/routes/", routes.routes, name="routes"),
    path("settings/routes/new/", routes.route_new, name="route_new"),
    path("settings/routes/<int:pk>/", routes.route, name="route"),
    path("settings/routes/<int:pk>/versions/<int:number>/", routes.route_version, name="route_version"),
    path("settings/routes/<int:pk>/versions/<int:number>/yaml/", routes.route_yaml, name="route_yaml"),
    path(
        "settings/routes/<int:pk>/versions/<int:number>/activate/",
        routes.route_activate,
        name="route_activate",
    ),
    path(
        "settings/routes/<int:pk>/versions/<int:number>/take-over/",
        migration.route_migrate,
        name="route_migrate",
    ),
    path("settings/routes/<int:pk>/switch/", migration.route_switch, name="route_switch"),
    path("settings/routes/<int:pk>/letters/", migration.route_letters, name="route_letters"),
    path("settings/routes/<int:pk>/simulate/", simulation.route_simulate, name="route_simulate"),
    path(
        "settings/routes/<int:pk>/simulate/<int:dispute_pk>/",
        simulation.route_simulate_one,
        name="route_simulate_one",
    ),
    path(f"{DRAFT}/", route_draft.route_draft, name="route_draft"),
    path(f"{DRAFT}/start/", routes.route_start, name="route_start"),
    path(f"{DRAFT}/drop/", routes.route_drop, name="route_drop"),
    path(f"{DRAFT}/new-stage/", route_draft.route_stage, name="route_stage_new"),
    path(f"{STAGE}/", route_draft.route_stage, name="route_stage"),
    path(f"{STAGE}/act/", route_draft.route_stage_act, name="route_stage_act"),
    path(f"{PART}/new/", route_draft.route_part, name="route_part_new"),
    path(f"{PART}/<int:place>/", route_draft.route_part, name="route_part"),
    path(f"{PART}/<int:place>/act/", route_draft.route_part_act, name="route_part_act"),
]
