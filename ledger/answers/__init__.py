"""What customers' systems say about our invoices: read, kept as it came, and told to those above."""
