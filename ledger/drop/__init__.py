"""The watched folder: whatever is put into the folder of a legal entity comes into its ledger."""
