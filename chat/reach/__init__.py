"""Telling people outside of the app: what is to be told, over which channel, and what became of it."""
