"""Reports by name: each reads through the selectors, computes through the metrics, and gives one table and
one JSON.
"""

from reporting.reports.catalogue import NAMES, TITLES, build, find
from reporting.reports.table import Column, Kind, Options, Report

__all__ = ["NAMES", "TITLES", "Column", "Kind", "Options", "Report", "build", "find"]
