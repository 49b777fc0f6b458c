"""Arrow arrays from and to what Python has. The usual ways (`pa.array`, `to_numpy`) load pandas first, which takes
longer than a small import."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow.lib import StringBuilder

Mask = npt.NDArray[np.bool_]


def strings(cells: Sequence[str | None]) -> Any:
    """An array of text; None is null."""
    try:
        data = "".join(cells)  # type: ignore[arg-type]
    except TypeError:
        data = "\N{BLACK SQUARE}"
    if not data.isascii():
        builder = StringBuilder()
        builder.append_values(list(cells))
        return builder.finish()
    ends = np.zeros(len(cells) + 1, np.int32)
    np.cumsum(np.fromiter(map(len, cells), np.int32, len(cells)), out=ends[1:])  # type: ignore[arg-type]
    return pa.StringArray.from_buffers(len(cells), pa.py_buffer(ends), pa.py_buffer(data.encode()))


def bits(mask: Mask) -> Any:
    """A mask as Arrow has it."""
    return pa.py_buffer(np.packbits(mask, bitorder="little"))


def booleans(mask: Mask) -> Any:
    """An array of yes and no."""
    return pa.Array.from_buffers(pa.bool_(), len(mask), [None, bits(mask)])


def integers(values: npt.NDArray[Any], null: Mask | None = None) -> Any:
    """An array of whole numbers, null where the mask says so."""
    whole = np.ascontiguousarray(values, np.int32)
    valid = None if null is None else bits(~null)
    return pa.Array.from_buffers(pa.int32(), len(whole), [valid, pa.py_buffer(whole)])


def mask_of(array: Any) -> Mask:
    """An array of yes and no as numpy has it; null is no."""
    valid, data = array.buffers()
    found = _unpacked(data, array)
    return found if valid is None else found & _unpacked(valid, array)


def is_null(array: Any) -> Mask:
    """Where an array is null."""
    valid = array.buffers()[0]
    return np.zeros(len(array), bool) if valid is None else ~_unpacked(valid, array)


def lengths(array: Any) -> npt.NDArray[np.int32]:
    """How many bytes each text has."""
    ends = np.frombuffer(array.buffers()[1], np.int32)
    return np.diff(ends[array.offset : array.offset + len(array) + 1])


def _unpacked(buffer: Any, array: Any) -> Mask:
    octets = np.frombuffer(buffer, np.uint8)
    return np.unpackbits(octets, bitorder="little")[array.offset : array.offset + len(array)].astype(bool)
