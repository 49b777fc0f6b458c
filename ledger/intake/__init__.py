"""Reads files into the ledger: pure readers first, one set-based write after."""
