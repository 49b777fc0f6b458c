"""How far an import is, and the wish to stop it: two keys in the cache, shared by web processes and workers."""

from django.core.cache import cache

HOUR = 3600


class Cancelled(Exception):
    """Somebody stopped the import: nothing of the file is written."""


def progress_of(batch_id: int) -> tuple[int, int]:
    """Rows read so far, and rows there are; (0, 0) before the first."""
    found = cache.get(_progress(batch_id))
    return (int(found[0]), int(found[1])) if found else (0, 0)


def note_progress(batch_id: int, seen: int, rows: int) -> None:
    """Say how far it is. Raises Cancelled when somebody wants it to stop."""
    cache.set(_progress(batch_id), [seen, rows], timeout=HOUR)
    stop_if_wanted(batch_id)


def stop_if_wanted(batch_id: int) -> None:
    """Raise Cancelled when somebody wants the import to stop."""
    if cache.get(_stop(batch_id)):
        raise Cancelled


def wish_to_stop(batch_id: int) -> None:
    """Let the process that reads the file stop at its next piece."""
    cache.set(_stop(batch_id), 1, timeout=HOUR)


def is_stopping(batch_id: int) -> bool:
    """Whether the import was told to stop."""
    return bool(cache.get(_stop(batch_id)))


def begin(batch_id: int) -> None:
    """A new step: the progress of the step before is not its own."""
    cache.delete(_progress(batch_id))


def end(batch_id: int) -> None:
    """Nothing runs any more."""
    cache.delete_many([_progress(batch_id), _stop(batch_id)])


def is_alive(batch_id: int) -> bool:
    """Whether somebody works on it."""
    return cache.get(_progress(batch_id)) is not None


def _progress(batch_id: int) -> str:
    return f"import-progress-{batch_id}"


def _stop(batch_id: int) -> str:
    return f"import-stop-{batch_id}"
