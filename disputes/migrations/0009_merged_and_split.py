"""A dispute that became part of another one, and one that was a part of another: with what the database refuses."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

FORWARD = """
-- A duplicate goes into an open dispute of the same customer and currency; a part comes out of one.
CREATE FUNCTION disputes_check_kin() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kin disputes_dispute%ROWTYPE;
BEGIN
    IF NEW.merged_into_id IS NOT NULL
       AND (TG_OP = 'INSERT' OR NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id) THEN
        SELECT * INTO kin FROM disputes_dispute WHERE id = NEW.merged_into_id;
        IF kin.closed_at IS NOT NULL OR (kin.entity_id, kin.customer_id, kin.currency)
           IS DISTINCT FROM (NEW.entity_id, NEW.customer_id, NEW.currency) THEN
            RAISE EXCEPTION 'dispute_merges_into_its_like: the other must be open, of this customer and currency'
                {RAISE} 'dispute_merges_into_its_like';
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.split_from_id IS DISTINCT FROM OLD.split_from_id THEN
        RAISE EXCEPTION 'dispute_split_is_final: where a dispute was split from never changes'
            {RAISE} 'dispute_split_is_final';
    END IF;
    IF TG_OP = 'INSERT' AND NEW.split_from_id IS NOT NULL THEN
        SELECT * INTO kin FROM disputes_dispute WHERE id = NEW.split_from_id;
        IF (kin.entity_id, kin.customer_id, kin.currency)
           IS DISTINCT FROM (NEW.entity_id, NEW.customer_id, NEW.currency) THEN
            RAISE EXCEPTION 'dispute_splits_from_its_like: a part has the customer and currency of the whole'
                {RAISE} 'dispute_splits_from_its_like';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_dispute_kin BEFORE INSERT OR UPDATE OF merged_into_id, split_from_id ON disputes_dispute
    FOR EACH ROW EXECUTE FUNCTION disputes_check_kin();

-- When the transaction ends, a dispute says where it went exactly when its outcome says that it was a duplicate.
CREATE FUNCTION disputes_check_duplicate(the_dispute bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM disputes_dispute d LEFT JOIN disputes_outcome o ON o.dispute_id = d.id
        WHERE d.id = the_dispute AND (d.merged_into_id IS NOT NULL) <> (coalesce(o.resolution, '') = 'duplicate')
    ) THEN
        RAISE EXCEPTION 'dispute_duplicate_names_the_other: merged exactly when its outcome is a duplicate'
            {RAISE} 'dispute_duplicate_names_the_other';
    END IF;
END $$;
CREATE FUNCTION disputes_duplicate_by_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM disputes_check_duplicate(NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION disputes_duplicate_by_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM disputes_check_duplicate(coalesce(NEW.dispute_id, OLD.dispute_id));
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER disputes_dispute_duplicate AFTER INSERT OR UPDATE OF merged_into_id ON disputes_dispute
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_duplicate_by_id();
CREATE CONSTRAINT TRIGGER disputes_outcome_duplicate AFTER INSERT OR UPDATE OR DELETE ON disputes_outcome
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION disputes_duplicate_by_outcome();
"""

BACKWARD = """
DROP TRIGGER disputes_outcome_duplicate ON disputes_outcome;
DROP TRIGGER disputes_dispute_duplicate ON disputes_dispute;
DROP TRIGGER disputes_dispute_kin ON disputes_dispute;
DROP FUNCTION disputes_duplicate_by_outcome, disputes_duplicate_by_id, disputes_check_duplicate, disputes_check_kin;
"""


def kin(name: str) -> models.ForeignKey:
    """Another dispute, or none."""
    return models.ForeignKey(
        "disputes.dispute",
        django.db.models.deletion.PROTECT,
        null=True,
        blank=True,
        related_name=name,
        editable=False,
    )


class Migration(migrations.Migration):
    """One topic: merge and split."""

    dependencies = [("disputes", "0008_evidence")]
    operations = [
        migrations.AddField("dispute", "merged_into", kin("duplicates")),
        migrations.AddField("dispute", "split_from", kin("parts")),
        migrations.AddConstraint(
            "dispute",
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(status="withdrawn") & ~Q(merged_into=F("id")),
                name="dispute_merged_is_closed",
                violation_error_message="A dispute that was merged into another one is closed.",
            ),
        ),
        migrations.AlterField(
            "outcome",
            "resolution",
            models.CharField(
                choices=[
                    ("credit", "Credit note"),
                    ("rebill", "New invoice"),
                    ("rejected", "Claim rejected"),
                    ("write_off", "Written off"),
                    ("paid", "Paid in full"),
                    ("withdrawn", "Withdrawn"),
                    ("duplicate", "Merged into another dispute"),
                ],
                max_length=20,
                verbose_name="resolution",
            ),
        ),
        migrations.RunSQL(FORWARD.replace("{RAISE}", RAISE), BACKWARD),
    ]
