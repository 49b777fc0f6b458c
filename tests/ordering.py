"""Which file of tests comes first: the longest ones, then those with most tests.

Files are given to workers whole. One that takes minutes and has a few tests only would begin last, and one worker would
wait for it with nothing to do.
"""

from collections import Counter

import pytest

LONG = (
    "tests/browser/test_axe.py",
    "tests/collections/test_year.py",
    "tests/ops/test_up.py",
    "tests/browser/test_import_wizard.py",
    "tests/demo/test_making.py",
)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files; the tests of a file stay as they are."""
    count = Counter(map(_file, items))
    rank = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: (rank.get(_file(item), len(LONG)), -count[_file(item)], _file(item)))
