"""E-mails that become disputes: read, understood, shown beside the form, applied by a person."""
