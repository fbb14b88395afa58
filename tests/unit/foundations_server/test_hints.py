from __future__ import annotations

import asyncio

from foundations_server.platform.hints import Hint, HintBus

LOG = Hint("job", "j1", "log")
TAGS = Hint("job", "j1", "tags")


def test_waiter_hears_what_it_wants_and_equal_hints_once() -> None:
    async def play() -> list[Hint]:
        bus = HintBus()
        bus.start()
        with bus.subscribe(lambda hint: hint.kind == "log") as subscription:
            bus.publish(LOG, TAGS)
            bus.publish(LOG)
            return await subscription.wait(10)

    assert asyncio.run(play()) == [LOG]


def test_waiter_wakes_when_another_thread_publishes() -> None:
    async def play() -> list[Hint]:
        bus = HintBus()
        bus.start()
        with bus.subscribe(lambda _hint: True) as subscription:
            waiting = asyncio.ensure_future(subscription.wait(10))
            await asyncio.to_thread(bus.publish, TAGS)
            return await waiting

    assert asyncio.run(play()) == [TAGS]


def test_waiter_gets_nothing_when_time_runs_out() -> None:
    async def play() -> list[Hint]:
        bus = HintBus()
        bus.start()
        with bus.subscribe(lambda _hint: True) as subscription:
            return await subscription.wait(0.01)

    assert asyncio.run(play()) == []


def test_all_waiters_wake_for_good_when_the_bus_closes() -> None:
    async def play() -> list[bool]:
        bus = HintBus()
        bus.start()
        with bus.subscribe(lambda _hint: True) as early:
            waiting = asyncio.ensure_future(early.wait(10))
            await asyncio.sleep(0)
            bus.close()
            await waiting
            await early.wait(10)
            with bus.subscribe(lambda _hint: True) as late:
                await late.wait(10)
                return [early.is_closed, late.is_closed]

    assert asyncio.run(play()) == [True, True]


def test_publishing_before_the_start_or_after_the_end_is_harmless() -> None:
    bus = HintBus()
    bus.publish(LOG)

    async def play() -> None:
        bus.start()
        with bus.subscribe(lambda _hint: True):
            bus.close()

    asyncio.run(play())
    bus.publish(LOG)
