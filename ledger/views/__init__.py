"""Pages of the ledger room: shape in, shape out."""
