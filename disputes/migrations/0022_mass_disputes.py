"""Mass disputes: one parent, several disputes, and what the database refuses."""

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

FORWARD = """
-- An open dispute joins an open mass dispute of its legal entity; nobody is open in one that is closed. The row of
-- the mass dispute is locked, so that joining and closing at once are put in order.
CREATE FUNCTION disputes_check_mass() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parent disputes_mass%ROWTYPE;
    joins boolean := TG_OP = 'INSERT' OR NEW.mass_id IS DISTINCT FROM OLD.mass_id;
BEGIN
    IF NEW.mass_id IS NULL OR NOT (joins OR NEW.closed_at IS NULL AND OLD.closed_at IS NOT NULL) THEN
        RETURN NEW;
    END IF;
    SELECT * INTO parent FROM disputes_mass WHERE id = NEW.mass_id FOR SHARE;
    IF joins AND NEW.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'mass_takes_open_disputes: a closed dispute joins no mass dispute'
            {RAISE} 'mass_takes_open_disputes';
    END IF;
    IF parent.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'mass_closed_takes_nobody: a closed mass dispute has no open dispute'
            {RAISE} 'mass_closed_takes_nobody';
    END IF;
    IF parent.entity_id <> NEW.entity_id THEN
        RAISE EXCEPTION 'mass_of_one_entity: a mass dispute and its disputes are of one legal entity'
            {RAISE} 'mass_of_one_entity';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_dispute_mass BEFORE INSERT OR UPDATE OF mass_id, closed_at ON disputes_dispute
    FOR EACH ROW EXECUTE FUNCTION disputes_check_mass();

CREATE FUNCTION disputes_mass_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.entity_id <> OLD.entity_id OR OLD.closed_at IS NOT NULL AND NEW.closed_at IS DISTINCT FROM OLD.closed_at THEN
        RAISE EXCEPTION 'mass_is_final: a mass dispute keeps its legal entity and, once closed, its end'
            {RAISE} 'mass_is_final';
    END IF;
    IF NEW.closed_at IS NOT NULL AND OLD.closed_at IS NULL
       AND EXISTS (SELECT 1 FROM disputes_dispute WHERE mass_id = NEW.id AND closed_at IS NULL) THEN
        RAISE EXCEPTION 'mass_closed_takes_nobody: a closed mass dispute has no open dispute'
            {RAISE} 'mass_closed_takes_nobody';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disputes_mass_end BEFORE UPDATE ON disputes_mass
    FOR EACH ROW EXECUTE FUNCTION disputes_mass_ends();
"""

BACKWARD = """
DROP TRIGGER disputes_mass_end ON disputes_mass;
DROP TRIGGER disputes_dispute_mass ON disputes_dispute;
DROP FUNCTION disputes_mass_ends, disputes_check_mass;
"""


class Migration(migrations.Migration):
    """One topic: mass disputes."""

    dependencies = [("accounts", "0003_books"), ("disputes", "0021_priority")]
    operations = [
        migrations.CreateModel(
            name="Mass",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "cause",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="disputes.reason",
                        verbose_name="root cause",
                    ),
                ),
                (
                    "entity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="masses",
                        to="accounts.legalentity",
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "mass dispute",
                "ordering": ("-pk",),
            },
        ),
        migrations.AddField(
            model_name="dispute",
            name="mass",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="disputes.mass",
            ),
        ),
        migrations.AddConstraint(
            model_name="mass",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True),
                name="mass_has_a_title",
                violation_error_message="Say in a few words what it is about.",
            ),
        ),
        migrations.AddConstraint(
            model_name="mass",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at", None), ("closed_at__gte", models.F("opened_at")), _connector="OR"
                ),
                name="mass_ends_after_it_starts",
            ),
        ),
        migrations.RunSQL(FORWARD.replace("{RAISE}", RAISE), BACKWARD),
    ]
