"""The company of the reporting tests."""

from tests.reporting.company import company

__all__ = ["company"]
