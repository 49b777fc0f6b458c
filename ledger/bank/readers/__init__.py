"""Readers of bank files: each takes a path and gives statements. They know no database."""
