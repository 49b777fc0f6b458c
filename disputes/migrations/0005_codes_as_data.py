"""The codes that stood in the reasons move to the table of codes, beside those of the catalogue."""

from typing import Any

from django.db import migrations

from disputes.services.catalogue import external_codes

# Standards that came later are added by their own migrations.
STANDARDS = {"any", "peppol", "cdar"}


def move_codes(apps: Any, schema_editor: Any) -> None:
    """First what people had (of any standard), then what the catalogue knows more."""
    reason_model, code_model = (
        apps.get_model("disputes", "Reason"),
        apps.get_model("disputes", "ExternalCode"),
    )
    ours: dict[int, dict[str, int]] = {}
    rows = []
    for pk, entity, code, former in reason_model.objects.order_by("pk").values_list(
        "pk", "entity_id", "code", "former_codes"
    ):
        ours.setdefault(entity, {})[code] = pk
        rows += [
            code_model(
                entity_id=entity, standard="any", kind="reason", code=known, reason_id=pk, effect="open"
            )
            for known in former
        ]
    for entity, reasons in ours.items():
        rows += [
            code_model(
                entity_id=entity,
                standard=standard,
                kind=kind,
                code=code,
                reason_id=reasons.get(reason),
                effect=effect,
            )
            for standard, kind, code, reason, effect in external_codes()
            if standard in STANDARDS
        ]
    code_model.objects.bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("disputes", "0004_codes_of_other_systems")]

    operations = [migrations.RunPython(move_codes, migrations.RunPython.noop)]
