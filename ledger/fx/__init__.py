"""Exchange rates: read from the ECB's files, kept, and used to convert."""
