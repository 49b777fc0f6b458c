"""Whom to call first, and why: a score in points, each point with its reason."""
