"""What is open by due date, kept: the aging of today is read and not computed, whatever the size of the ledger."""
