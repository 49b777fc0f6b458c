"""The evidence pack: everything about one dispute in a ZIP that proves by itself that nothing was changed since."""
