"""Boards: which tiles of the dashboard a person sees, and in which order."""
