"""Files that prove something in a dispute: what they are, whether they are clean, where they lie, how they look."""
