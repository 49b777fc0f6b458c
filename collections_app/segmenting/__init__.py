"""Which segment a customer is in: rules, the segment that counts, and why."""
