"""The limit that finds its place, the rates, and the gate that holds callers back."""

import asyncio

import pytest

from crossthink_data.generate.limiter import AdaptiveLimit, Bucket, Gate, GateClosed


def round_trip(limit: AdaptiveLimit, now: float, latency: float = 0.2, tokens: int = 10) -> float:
    """Answers to as many calls as the limit allows; the time after them."""
    for _ in range(limit.value):
        limit.answered(latency, tokens, now + latency)
    return now + latency


def test_it_starts_at_a_quarter_and_doubles_per_round_trip() -> None:
    limit = AdaptiveLimit(256)
    seen, now = [limit.value], 0.0
    for _ in range(3):
        now = round_trip(limit, now)
        seen.append(limit.value)
    assert seen == [64, 128, 256, 256]


def test_a_ceiling_of_one_is_served() -> None:
    limit = AdaptiveLimit(1)
    assert limit.value == 1
    limit.slow_down(0.0)
    assert limit.value == 1


def test_trouble_shrinks_it_once_a_second() -> None:
    limit = AdaptiveLimit(100)
    now = round_trip(limit, round_trip(limit, round_trip(limit, 0.0)))
    assert limit.value == 100
    for late in (0.0, 0.1, 0.5, 0.9):
        limit.slow_down(now + late)
    assert limit.value == 70
    limit.slow_down(now + 1.0)
    assert limit.value == 49


def test_after_trouble_it_waits_and_then_grows_slowly() -> None:
    limit = AdaptiveLimit(256)
    limit.slow_down(10.0)
    assert limit.value == 44
    round_trip(limit, 10.1)
    assert limit.value == 44, "no growth in the second after trouble"
    now = 12.0
    for _ in range(3):
        now = round_trip(limit, now)
    assert 60 <= limit.value <= 72, "about eight for each round trip, no more doubling"


def test_growth_holds_while_latency_per_token_does_not() -> None:
    limit = AdaptiveLimit(256)
    now = round_trip(limit, 0.0)
    for _ in range(4):
        now = round_trip(limit, now, latency=1.0)
    held = limit.value
    assert held < 256
    for _ in range(3):
        now = round_trip(limit, now, latency=1.0)
    assert limit.value == held
    for _ in range(40):
        now = round_trip(limit, now, latency=0.2)
    assert limit.value == 256


def test_longer_replies_are_not_mistaken_for_a_slower_server() -> None:
    limit = AdaptiveLimit(256)
    now = round_trip(limit, 0.0)
    for _ in range(3):
        now = round_trip(limit, now, latency=2.0, tokens=100)
    assert limit.value == 256


def test_a_fixed_limit_stays() -> None:
    limit = AdaptiveLimit(50, adaptive=False)
    limit.slow_down(0.0)
    limit.answered(9.0, 1, 1.0)
    assert limit.value == 50


def taken_in(bucket: Bucket, seconds: float, amount: float = 1) -> int:
    """How often the amount can be taken in so many seconds by someone who waits as told."""
    now, count = 0.0, 0
    while now <= seconds:
        wait = bucket.wait(now)
        if wait:
            now += wait
            continue
        bucket.take(amount, now)
        count += 1
    return count


def test_a_bucket_lets_its_rate_through_from_the_first_minute() -> None:
    assert taken_in(Bucket(600, 0.0), 59.99) <= 610
    assert taken_in(Bucket(600, 0.0), 59.99) >= 600
    assert taken_in(Bucket(6, 0.0), 59.99) <= 7


def test_a_bucket_bears_amounts_above_its_size() -> None:
    assert taken_in(Bucket(60_000, 0.0), 60, amount=5_000) in (12, 13)


def test_what_was_not_used_is_given_back() -> None:
    bucket = Bucket(60, 0.0)
    bucket.take(11, 0.0)
    assert bucket.wait(0.0) == pytest.approx(11.0)
    bucket.give_back(10)
    assert bucket.wait(0.0) == pytest.approx(1.0)


def gate(ceiling: int, **rates: float | None) -> Gate:
    given: dict[str, float | None] = {"requests_per_minute": None, "tokens_per_minute": None}
    given |= rates
    return Gate(
        AdaptiveLimit(ceiling, adaptive=False), clock=asyncio.get_running_loop().time, **given
    )


def test_the_gate_lets_in_as_many_as_the_limit_first_come_first_served() -> None:
    async def go() -> list[int]:
        door, order = gate(2), []

        async def caller(number: int) -> None:
            await door.enter(1)
            order.append(number)
            assert door.in_flight <= 2
            await asyncio.sleep(0)
            door.leave(1, 1)

        await asyncio.gather(*(caller(number) for number in range(20)))
        assert (door.in_flight, door.waiting) == (0, 0)
        return order

    assert asyncio.run(go()) == list(range(20))


def test_the_gate_holds_to_requests_per_minute() -> None:
    async def go() -> float:
        door = gate(100, requests_per_minute=6000)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _ in range(120):
            await door.enter(1)
            door.leave(1, 1)
        return loop.time() - began

    # One second's worth at once, the other twenty at a hundred a second.
    assert asyncio.run(go()) >= 0.18


def test_the_gate_holds_to_tokens_per_minute() -> None:
    async def go() -> float:
        door = gate(100, tokens_per_minute=60_000)
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _ in range(3):
            await door.enter(600)
            door.leave(600, 600)
        return loop.time() - began

    assert asyncio.run(go()) >= 0.18


def test_tokens_that_were_not_used_let_the_next_call_in() -> None:
    async def go() -> None:
        # Time stands still: only what is given back can let the second call in.
        door = Gate(
            AdaptiveLimit(1, adaptive=False),
            requests_per_minute=None,
            tokens_per_minute=600,
            clock=lambda: 0.0,
        )
        for _ in range(5):
            await asyncio.wait_for(door.enter(1000), 5)
            door.leave(1000, 1)

    asyncio.run(go())


def test_a_closed_gate_sends_away_who_waits_and_who_comes() -> None:
    async def go() -> None:
        door = gate(1)
        await door.enter(1)
        waiting = asyncio.create_task(door.enter(1))
        await asyncio.sleep(0)
        door.close()
        with pytest.raises(GateClosed):
            await waiting
        with pytest.raises(GateClosed):
            await door.enter(1)
        door.leave(1, 1)
        assert door.in_flight == 0

    asyncio.run(go())


def test_a_cancelled_caller_leaves_no_slot_behind() -> None:
    async def go() -> None:
        door = gate(1)
        await door.enter(1)
        first, second = (asyncio.create_task(door.enter(1)) for _ in range(2))
        await asyncio.sleep(0)
        door.leave(1, 1)
        first.cancel()  # Its slot was given in the same turn of the loop.
        await asyncio.gather(first, return_exceptions=True)
        await second
        assert door.in_flight == 1

    asyncio.run(go())
