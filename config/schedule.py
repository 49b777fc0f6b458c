"""Every recurring job: its task and how often, in seconds, or at which hour (UTC)."""

SCHEDULE: dict[str, dict[str, object]] = {
    "offers-and-promises-of-the-day": {"task": "disputes.end_what_is_over", "schedule": 600.0},
    "heartbeat": {"task": "config.heartbeat", "schedule": 30.0},
    "events-not-yet-heard": {"task": "accounts.sweep_events", "schedule": 60.0},
    "answers-kept-long-enough": {"task": "accounts.forget_old_answers", "schedule": 3600.0},
    "books-of-the-night": {"task": "accounts.check_books_nightly", "schedule": 600.0},
    "drop-folder": {"task": "ledger.look_into_drop_folder", "schedule": 30.0},
    "imports-left-behind": {"task": "ledger.sweep_imports", "schedule": 60.0},
    "answers-before-their-invoice": {"task": "ledger.attach_answers", "schedule": 600.0},
    "evidence-of-nobody": {"task": "disputes.sweep_evidence", "schedule": 3600.0},
    "disputes-whose-snooze-ends": {"task": "disputes.wake_due", "schedule": 60.0},
    "priorities": {"task": "disputes.prioritize_stale", "schedule": 600.0},
    "letters": {"task": "mailroom.sweep", "schedule": 60.0},
    "questions": {"task": "disputes.nudge", "schedule": 60.0},
    "letters-of-the-day": {"task": "chat.digest", "schedule": 300.0},
    "tellings": {"task": "chat.tell", "schedule": 10.0},
    "notices-of-the-day": {"task": "collections.daily", "schedule": 300.0},
    "disputes-of-the-absent": {"task": "disputes.hand_on", "schedule": 60.0},
    "alerts-of-deadlines": {"task": "disputes.send_alerts", "schedule": 60.0},
    "deadlines-counted-again": {"task": "disputes.due_again_everywhere", "schedule": 6 * 3600.0},
    "notices-left-behind": {"task": "collections.sweep", "schedule": 60.0},
}
