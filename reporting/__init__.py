"""Metrics, exports, dashboards; reads everything, writes only its own tables.

May import: everything below.
"""
