"""Partners sit in a room as a company; a message for partners may be for one company only."""

import django.db.models.deletion
from django.db import migrations, models

COMPANIES = """
UPDATE chat_participant p SET party_id = m.department_id
FROM chat_room r, accounts_membership m
WHERE p.side = 'partner' AND r.id = p.room_id
  AND m.user_id = p.user_id AND m.entity_id = r.entity_id AND m.role = 'partner';
-- Whoever is no partner of the legal entity any more has no company, and reads nothing as a guest.
UPDATE chat_participant SET side = 'internal', from_seq = 0 WHERE side = 'partner' AND party_id IS NULL;
-- The customer's side are contacts, who have no account.
UPDATE chat_participant SET side = 'internal', left_at = coalesce(left_at, greatest(joined_at, now()))
WHERE side = 'customer';
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_partner_companies"),
        ("chat", "0006_notifications"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="party",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.department",
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="party",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.department",
            ),
        ),
        migrations.RunSQL(COMPANIES, migrations.RunSQL.noop),
    ]
