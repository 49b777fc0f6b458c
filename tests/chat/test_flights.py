"""Asking the same at once: one question for many, and nobody gets an answer that was read before they asked."""

import asyncio

import pytest

from chat.flights import Flights


class Source:
    """Something that changes while it is read: the answer is what stood there when the reading began."""

    def __init__(self) -> None:
        self.value, self.reads = 0, 0
        self.gate = asyncio.Event()

    async def read(self) -> int:
        """The value at the start, given when the gate opens."""
        self.reads += 1
        seen = self.value
        await self.gate.wait()
        if seen < 0:
            raise ValueError("bad")
        return seen


async def settle() -> None:
    """Let every task run until it waits."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_thousand_who_ask_at_once_are_one_question() -> None:
    flights, source = Flights[int](), Source()
    asked = [asyncio.create_task(flights.join("room", source.read)) for _ in range(1000)]
    await settle()
    source.gate.set()
    assert set(await asyncio.gather(*asked)) == {0}
    assert source.reads == 1


async def test_whoever_asks_later_gets_an_answer_that_was_read_later() -> None:
    flights, source = Flights[int](), Source()
    first = asyncio.create_task(flights.join("room", source.read))
    await settle()
    source.value = 7
    later = [asyncio.create_task(flights.join("room", source.read)) for _ in range(10)]
    await settle()
    source.gate.set()
    assert await first == 0
    assert set(await asyncio.gather(*later)) == {7}
    assert source.reads == 2


async def test_other_questions_do_not_wait() -> None:
    flights, slow, quick = Flights[int](), Source(), Source()
    waiting = asyncio.create_task(flights.join("slow", slow.read))
    quick.gate.set()
    assert await flights.join("quick", quick.read) == 0
    slow.gate.set()
    await waiting


async def test_a_failure_reaches_all_who_share_it_and_nobody_else() -> None:
    flights, source = Flights[int](), Source()
    source.value = -1
    asked = [asyncio.create_task(flights.join("room", source.read)) for _ in range(3)]
    await settle()
    source.value = 5
    later = asyncio.create_task(flights.join("room", source.read))
    await settle()
    source.gate.set()
    for one in asked:
        with pytest.raises(ValueError, match="bad"):
            await one
    assert await later == 5
    assert not flights.flying
    assert not flights.waiting


async def test_whoever_goes_away_leaves_the_others_their_answer() -> None:
    flights, source = Flights[int](), Source()
    gone = asyncio.create_task(flights.join("room", source.read))
    stays = asyncio.create_task(flights.join("room", source.read))
    await settle()
    gone.cancel()
    await settle()
    source.gate.set()
    assert await stays == 0
