"""Every figure of docs/metrics.md, as pure functions: no database, no clock, no request.

Amounts are exact `Decimal`s in one currency, tax included. Days are exact `Fraction`s until they are shown,
so that
parts always add up to their whole; `rounding` turns them into the three decimals a reader sees.
"""
