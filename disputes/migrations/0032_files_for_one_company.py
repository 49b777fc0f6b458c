"""A file can be for one partner company. What there is stays for all partners of its dispute."""

import django.db.models.deletion
from django.db import migrations, models

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

FORWARD = """
CREATE FUNCTION disputes_check_evidence_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_department c JOIN disputes_dispute d ON d.entity_id = c.entity_id
        WHERE c.id = NEW.party_id AND c.outside AND d.id = NEW.dispute_id
    ) THEN
        RAISE EXCEPTION 'evidence_company_is_of_the_entity: dispute %, department %', NEW.dispute_id, NEW.party_id
            {RAISE} 'evidence_company_is_of_the_entity';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_evidence_company BEFORE INSERT OR UPDATE OF party_id ON disputes_evidence
    FOR EACH ROW WHEN (NEW.party_id IS NOT NULL) EXECUTE FUNCTION disputes_check_evidence_company();
""".replace("{RAISE}", RAISE)

BACKWARD = """
DROP TRIGGER disputes_evidence_company ON disputes_evidence;
DROP FUNCTION disputes_check_evidence_company();
"""


def company(**more: object) -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="accounts.department",
        **more,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_partner_company_guards"),
        ("disputes", "0031_mails_that_came"),
    ]

    operations = [
        migrations.AddField("evidence", "party", company(verbose_name="partner company")),
        migrations.AlterField(
            "evidence",
            "side",
            models.CharField(
                choices=[
                    ("internal", "Only your team"),
                    ("partner", "Your team and all partners"),
                    ("customer", "Your team and the customer"),
                ],
                default="internal",
                max_length=20,
                verbose_name="who sees it",
            ),
        ),
        migrations.RemoveConstraint("evidence", "evidence_unique_per_dispute"),
        migrations.AddConstraint(
            "evidence",
            models.UniqueConstraint(
                fields=("dispute", "side", "party", "sha256"),
                name="evidence_unique_per_dispute",
                nulls_distinct=False,
                violation_error_message="This file is in the dispute already.",
            ),
        ),
        migrations.AddConstraint(
            "evidence",
            models.CheckConstraint(
                condition=models.Q(("party", None), ("side", "partner"), _connector="OR"),
                name="evidence_company_is_a_partner",
            ),
        ),
        migrations.AddField("searchtext", "party", company(db_index=False)),
        migrations.AddConstraint(
            "searchtext",
            models.CheckConstraint(
                condition=models.Q(("party", None), ("side", "partner"), _connector="OR"),
                name="search_text_company_is_a_partner",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
