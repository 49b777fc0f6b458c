"""The contacts of a customer take part in rooms; what they wrote is theirs for good."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

GUARDS = """
CREATE OR REPLACE FUNCTION chat_keep_side() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.side, OLD.party_id{contact}) IS DISTINCT FROM (NEW.side, NEW.party_id{new_contact}) THEN
        RAISE EXCEPTION 'message_stays_for_its_readers: message %', OLD.id
            {RAISE} 'message_stays_for_its_readers';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION chat_keep_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.room_id, OLD.user_id, OLD.side, OLD.party_id{contact}) IS DISTINCT FROM
       (NEW.room_id, NEW.user_id, NEW.side, NEW.party_id{new_contact}) THEN
        RAISE EXCEPTION 'participant_stays_who_they_are: participant %', OLD.id
            {RAISE} 'participant_stays_who_they_are';
    END IF;
    RETURN NEW;
END $$;
""".replace("{RAISE}", RAISE)
FORWARD = GUARDS.replace("{contact}", ", OLD.contact_id").replace("{new_contact}", ", NEW.contact_id")
BACKWARD = GUARDS.replace("{contact}", "").replace("{new_contact}", "")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_partner_company_guards"),
        ("chat", "0008_company_guards"),
        ("disputes", "0028_questions_for_a_number"),
        ("ledger", "0013_keys_without_their_own_index"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="message",
            name="message_content_fits_kind",
        ),
        migrations.AddField(
            model_name="message",
            name="contact",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="ledger.contact",
            ),
        ),
        migrations.AddField(
            model_name="participant",
            name="contact",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="room_participations",
                to="ledger.contact",
            ),
        ),
        migrations.AlterField(
            model_name="participant",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="room_participations",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("code", ""),
                        ("kind", "text"),
                        ("question__isnull", True),
                        models.Q(("body", ""), _negated=True),
                        models.Q(
                            models.Q(("author__isnull", False), ("contact__isnull", True)),
                            models.Q(
                                ("author__isnull", True), ("contact__isnull", False), ("side", "customer")
                            ),
                            _connector="OR",
                        ),
                    ),
                    models.Q(("kind", "question"), ("question__isnull", False)),
                    models.Q(
                        ("author__isnull", True),
                        ("kind", "system"),
                        ("question__isnull", True),
                        models.Q(("code", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="message_content_fits_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_at", None)),
                fields=("room", "contact"),
                name="participant_contact_once_in_a_room_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contact__isnull", False), ("side", "customer"), ("user__isnull", True)),
                    models.Q(
                        models.Q(("side", "customer"), _negated=True),
                        ("contact__isnull", True),
                        ("user__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="participant_contact_iff_customer",
                violation_error_message="The customer's side are the customer's contacts, and nobody else.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
