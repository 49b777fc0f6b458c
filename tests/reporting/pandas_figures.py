"""The figures of a flat receivables file, worked out with pandas alone: nothing of the product is used here.

A table has one row per invoice: customer, issued, due, settled (NaT: not yet), cents, part (cents in dispute, 0: none)
and since (the first day of the dispute).
"""

from datetime import date
from typing import Any

import pandas as pd

EDGES = (("not_due", None, 0), ("1_30", 1, 30), ("31_60", 31, 60), ("61_90", 61, 90), ("over_90", 91, None))


def read(path: str) -> pd.DataFrame:
    """The table of a file; every second disputed invoice is disputed in full, the others for two fifths."""
    raw = pd.read_csv(path, dtype=str)
    table = pd.DataFrame({"customer": raw["customerID"], "number": raw["invoiceNumber"]})
    for name, column in (("issued", "InvoiceDate"), ("due", "DueDate"), ("settled", "SettledDate")):
        table[name] = pd.to_datetime(raw[column], format="%m/%d/%Y")
    table["cents"] = (raw["InvoiceAmount"].astype(float) * 100).round().astype(int)
    disputed = raw["Disputed"] == "Yes"
    whole = disputed.cumsum() % 2 == 1
    table["part"] = (table["cents"].where(whole, table["cents"] * 2 // 5)).where(disputed, 0)
    table["since"] = table["issued"] + pd.Timedelta(days=10)
    return table


def standing(table: pd.DataFrame, on: date) -> pd.DataFrame:
    """The invoices open at the end of the day, with `late` in days and what of each is in dispute."""
    day = pd.Timestamp(on)
    there = table[(table["issued"] <= day) & ~(table["settled"] <= day)].copy()
    there["late"] = (day - there["due"]).dt.days
    there["disputed"] = there["part"].where(there["since"] <= day, 0)
    return there


def aging(there: pd.DataFrame, column: str = "cents") -> dict[str, int]:
    """Cents by how late they are."""
    found = {}
    for name, least, most in EDGES:
        inside = pd.Series(True, index=there.index)
        if least is not None:
            inside &= there["late"] >= least
        if most is not None:
            inside &= there["late"] <= most
        found[name] = int(there.loc[inside, column].sum())
    return found


def count_back(table: pd.DataFrame, on: date, owed: float) -> float | None:
    """Days of sales, month by month from the day back; None when more is owed than was ever sold."""
    day, days = pd.Timestamp(on), 0.0
    while owed > 0:
        first = day.replace(day=1)
        sold = int(table.loc[(table["issued"] >= first) & (table["issued"] <= day), "cents"].sum())
        if sold > 0 and owed <= sold:
            return float(days + owed / sold * day.day)
        owed, days, day = owed - sold, days + day.day, first - pd.Timedelta(days=1)
        if day < table["issued"].min():
            return None
    return days


def simple(table: pd.DataFrame, on: date, owed: float) -> float:
    """Receivables times 90 over the sales of 90 days."""
    day = pd.Timestamp(on)
    recent = (table["issued"] > day - pd.Timedelta(days=90)) & (table["issued"] <= day)
    return float(owed * 90 / table.loc[recent, "cents"].sum())


def effectiveness(table: pd.DataFrame, first: date, last: date) -> float:
    """The CEI of a period, in per cent."""
    begin = standing(table, (pd.Timestamp(first) - pd.Timedelta(days=1)).date())["cents"].sum()
    end = standing(table, last)
    sold = table.loc[table["issued"].between(pd.Timestamp(first), pd.Timestamp(last)), "cents"].sum()
    not_due = end.loc[end["late"] <= 0, "cents"].sum()
    return float((begin + sold - end["cents"].sum()) / (begin + sold - not_due) * 100)


def figures(table: pd.DataFrame, on: date) -> dict[str, Any]:
    """Everything a report of the day says, amounts in cents."""
    there = standing(table, on)
    owed, disputed = int(there["cents"].sum()), int(there["disputed"].sum())
    undue = int(there.loc[there["late"] <= 0, "cents"].sum())
    free = there["cents"] - there["disputed"]
    late = int(free[there["late"] > 0].sum())
    dso, best = count_back(table, on, owed), count_back(table, on, undue)
    without = count_back(table, on, owed - disputed)
    pieces = {"not_due": owed - disputed - late, "late": late, "disputed": disputed}
    return {
        "buckets": aging(there),
        "disputed": aging(there, "disputed"),
        "owed": owed,
        "dso": dso,
        "best": best,
        "simple": simple(table, on, owed),
        "parts": {name: (dso or 0) * piece / max(owed, 1) for name, piece in pieces.items()},
        "marginal": None if dso is None or without is None else dso - without,
    }
