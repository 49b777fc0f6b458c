"""Reports by name: each reads through the selectors, computes through the metrics, and gives one table and
one JSON.
"""

from reporting.reports.catalogue import NAMES, build, find
from reporting.reports.table import Column, Kind, Options, Report

__all__ = ["NAMES", "Column", "Kind", "Options", "Report", "build", "find"]
