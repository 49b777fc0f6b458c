"""An earlier message is shown to guests by a line of its own, which can be taken back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

GUARDS = """
-- What was said stays for whom it was; only a share can be taken back, once.
CREATE OR REPLACE FUNCTION chat_keep_side() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.contact_id{shared}) IS DISTINCT FROM (NEW.contact_id{new_shared})
       OR ((OLD.side, OLD.party_id) IS DISTINCT FROM (NEW.side, NEW.party_id)
           AND NOT (OLD.kind = 'shared' AND NEW.side = 'internal' AND NEW.party_id IS NULL)) THEN
        RAISE EXCEPTION 'message_stays_for_its_readers: message %', OLD.id
            {RAISE} 'message_stays_for_its_readers';
    END IF;
    RETURN NEW;
END $$;
""".replace("{RAISE}", RAISE)

SHARES = """
-- A line shows an earlier message of its own room, and nothing but what somebody wrote.
CREATE FUNCTION chat_check_share() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM chat_message WHERE id = NEW.shared_id AND room_id = NEW.room_id AND kind = 'text'
    ) THEN
        RAISE EXCEPTION 'message_shares_one_of_its_room: message %', NEW.shared_id
            {RAISE} 'message_shares_one_of_its_room';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_message_share BEFORE INSERT ON chat_message
    FOR EACH ROW WHEN (NEW.shared_id IS NOT NULL) EXECUTE FUNCTION chat_check_share();
""".replace("{RAISE}", RAISE)
NO_SHARES = """
DROP TRIGGER chat_message_share ON chat_message;
DROP FUNCTION chat_check_share();
"""
FORWARD = GUARDS.replace("{shared}", ", OLD.shared_id").replace("{new_shared}", ", NEW.shared_id")
BACKWARD = GUARDS.replace("{shared}", "").replace("{new_shared}", "")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_partner_company_guards"),
        ("chat", "0010_push"),
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
            name="shared",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shown_as",
                to="chat.message",
            ),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("text", "Message"),
                    ("question", "Question"),
                    ("system", "System line"),
                    ("shared", "Shared message"),
                ],
                default="text",
                max_length=10,
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
                        ("author__isnull", False),
                        ("body", ""),
                        ("code", ""),
                        ("kind", "shared"),
                        ("question__isnull", True),
                    ),
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
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "shared"), ("shared__isnull", False)),
                    models.Q(models.Q(("kind", "shared"), _negated=True), ("shared__isnull", True)),
                    _connector="OR",
                ),
                name="message_shares_another_iff_shared",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "shared"), models.Q(("side", "internal"), _negated=True)),
                fields=("shared", "side", "party"),
                name="message_shared_once_with_each",
                nulls_distinct=False,
                violation_error_message="This message is shared with them already.",
            ),
        ),
        migrations.RunSQL(FORWARD + SHARES, BACKWARD + NO_SHARES),
    ]
