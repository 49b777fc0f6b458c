"""Many ask the same at once (everybody comes back after a break): they share one answer, which is never too old.

Whoever asks while a question is under way does not get that answer (it may have been read before what they must
not miss) but the next one, together with all others who came meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Flights(Generic[T]):
    """Questions under way, by what is asked. Lives in one event loop."""

    def __init__(self) -> None:
        self.flying: dict[Hashable, asyncio.Task[T]] = {}
        self.waiting: dict[Hashable, asyncio.Task[T]] = {}

    async def join(self, key: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer of a question that starts now or later, shared with those who ask the same."""
        task = self.waiting.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._fly(key, self.flying.get(key), ask))
            self.waiting[key] = task
        # Whoever goes away leaves the others their answer.
        return await asyncio.shield(task)

    async def _fly(self, key: Hashable, before: asyncio.Task[T] | None, ask: Callable[[], Awaitable[T]]) -> T:
        if before is not None:
            await asyncio.wait([before])
        task = self.waiting.pop(key)
        self.flying[key] = task
        try:
            return await ask()
        finally:
            if self.flying.get(key) is task:
                del self.flying[key]
