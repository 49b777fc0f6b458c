"""No float comes near an amount."""

import ast

import pytest
from django.apps import apps
from django.db import models

from tests.architecture.house import FLOORS, ROOT, sources, tree

# Pixels, not money: drawing places points on a screen.
DRAWING = ("reporting/charts/", "reporting/dashboard/", "collections_app/pictures.py")
# Days are numbers in JSON, and only there.
JSON_EDGE = ("reporting/reports/table.py",)


def float_uses(source: ast.Module) -> list[int]:
    """The lines that make a float: the name `float` called or a literal with a point."""
    return [
        node.lineno
        for node in ast.walk(source)
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
        or (isinstance(node, ast.Attribute) and node.attr == "FloatField")
    ]


def test_no_float_is_made_where_money_is_counted() -> None:
    bad = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources("ledger", "disputes", "collections_app", "mailroom", "accounts", "reporting")
        if not str(path.relative_to(ROOT)).startswith(DRAWING + JSON_EDGE)
        for line in float_uses(tree(path))
    ]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("code", ["x = float('1.1')", "y = models.FloatField()"])
def test_the_rule_catches_a_float(code: str) -> None:
    assert float_uses(ast.parse(code)) == [1]


def test_amounts_hold_cents_and_millions() -> None:
    amounts = [
        field
        for room in FLOORS
        for model in apps.get_app_config(room).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.DecimalField) and "amount" in field.name
    ]
    assert amounts
    for field in amounts:
        assert field.max_digits is not None
        assert field.decimal_places is not None
        assert field.max_digits - field.decimal_places >= 11, f"{field} is too narrow"
        assert field.decimal_places >= 2, f"{field} cannot hold cents"
