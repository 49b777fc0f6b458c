"""The guards of companies: a partner has one, of the room's legal entity, and what was said stays for whom it was."""

from django.db import migrations, models

RAISE = "USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT ="

FORWARD = """
CREATE FUNCTION chat_check_company() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM accounts_department d JOIN chat_room r ON r.entity_id = d.entity_id
        WHERE d.id = NEW.party_id AND d.outside AND r.id = NEW.room_id
    ) THEN
        RAISE EXCEPTION 'room_company_is_a_partner_of_the_entity: room %, department %', NEW.room_id, NEW.party_id
            {RAISE} 'room_company_is_a_partner_of_the_entity';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_message_company BEFORE INSERT ON chat_message
    FOR EACH ROW WHEN (NEW.party_id IS NOT NULL) EXECUTE FUNCTION chat_check_company();
CREATE TRIGGER chat_participant_company BEFORE INSERT ON chat_participant
    FOR EACH ROW WHEN (NEW.party_id IS NOT NULL) EXECUTE FUNCTION chat_check_company();

CREATE FUNCTION chat_keep_side() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.side, OLD.party_id) IS DISTINCT FROM (NEW.side, NEW.party_id) THEN
        RAISE EXCEPTION 'message_stays_for_its_readers: message %', OLD.id
            {RAISE} 'message_stays_for_its_readers';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_message_side BEFORE UPDATE ON chat_message
    FOR EACH ROW EXECUTE FUNCTION chat_keep_side();

-- Coming back as somebody else is a new stay.
CREATE FUNCTION chat_keep_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.room_id, OLD.user_id, OLD.side, OLD.party_id) IS DISTINCT FROM
       (NEW.room_id, NEW.user_id, NEW.side, NEW.party_id) THEN
        RAISE EXCEPTION 'participant_stays_who_they_are: participant %', OLD.id
            {RAISE} 'participant_stays_who_they_are';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chat_participant_keep BEFORE UPDATE ON chat_participant
    FOR EACH ROW EXECUTE FUNCTION chat_keep_stay();
""".replace("{RAISE}", RAISE)

BACKWARD = """
DROP TRIGGER chat_message_company ON chat_message;
DROP TRIGGER chat_participant_company ON chat_participant;
DROP TRIGGER chat_message_side ON chat_message;
DROP TRIGGER chat_participant_keep ON chat_participant;
DROP FUNCTION chat_check_company();
DROP FUNCTION chat_keep_side();
DROP FUNCTION chat_keep_stay();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_partner_company_guards"),
        ("chat", "0007_partner_companies"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("party__isnull", True), ("side", "partner"), _connector="OR"),
                name="message_company_only_for_partners",
                violation_error_message="Only what is for a partner can be for one partner company.",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("party__isnull", False), ("side", "partner")),
                    models.Q(models.Q(("side", "partner"), _negated=True), ("party__isnull", True)),
                    _connector="OR",
                ),
                name="participant_partner_has_company",
                violation_error_message="A partner, and only a partner, comes from a partner company.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
