"""Routes as data: reading, checking, writing and activating them. The one door for screens, API and catalogue."""

from disputes.services.route_check import check_route
from disputes.services.route_reading import read_route
from disputes.services.route_shape import Problem
from disputes.services.route_writing import (
    activate_version,
    drop_draft,
    switch_letters,
    switch_route,
    write_version,
)

__all__ = [
    "Problem",
    "activate_version",
    "check_route",
    "drop_draft",
    "read_route",
    "switch_letters",
    "switch_route",
    "write_version",
]
