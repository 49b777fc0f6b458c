"""Paying: what a letter says about it, the personal page, and who takes the money."""
