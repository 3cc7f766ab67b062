"""How often one may try, per e-mail address and per network address."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.auth.errors import TooManyAttempts
from huikuan.auth.throttle import LoginThrottle, Rate, Throttle, network_of
from huikuan.clock import FixedClock
from kernel.tests.auth.forge import NOON

FIVE = Rate(5, timedelta(minutes=1))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


def test_five_at_once_then_one_every_twelve_seconds(clock: FixedClock) -> None:
    throttle = Throttle(FIVE, clock)
    assert [throttle.hit("a") for _ in range(5)] == [None] * 5
    assert throttle.hit("a") == pytest.approx(12)
    clock.advance(timedelta(seconds=11))
    assert throttle.hit("a") == pytest.approx(1)
    clock.advance(timedelta(seconds=1))
    assert throttle.hit("a") is None
    assert throttle.hit("a") == pytest.approx(12)
    clock.advance(timedelta(minutes=1))
    assert [throttle.hit("a") for _ in range(5)] == [None] * 5


def test_keys_do_not_count_for_one_another(clock: FixedClock) -> None:
    throttle = Throttle(FIVE, clock)
    for _ in range(6):
        throttle.hit("a")
    assert throttle.hit("b") is None


def test_a_refused_attempt_does_not_lengthen_the_wait(clock: FixedClock) -> None:
    throttle = Throttle(FIVE, clock)
    for _ in range(1000):
        throttle.hit("a")
    assert throttle.hit("a") == pytest.approx(12)


@given(st.lists(st.floats(min_value=0, max_value=30), max_size=60))
def test_no_minute_ever_lets_more_than_twice_the_limit_through(gaps: list[float]) -> None:
    clock = FixedClock(NOON)
    throttle = Throttle(FIVE, clock)
    passed: list[float] = []
    for gap in gaps:
        clock.advance(timedelta(seconds=gap))
        if throttle.hit("a") is None:
            passed.append(clock.now().timestamp())
    for start in passed:
        inside = [moment for moment in passed if start <= moment < start + 60]
        # A full bucket at once, and what leaks out during the minute.
        assert len(inside) <= 2 * FIVE.limit


def test_a_clock_set_back_locks_nobody_out(clock: FixedClock) -> None:
    throttle = Throttle(FIVE, clock)
    for _ in range(6):
        throttle.hit("a")
    clock.set(NOON - timedelta(days=1))
    wait = throttle.hit("a")
    assert wait is not None
    assert wait <= 12.001


def test_memory_is_bounded_and_a_flood_of_new_keys_does_not_free_the_attacked_one(clock: FixedClock) -> None:
    throttle = Throttle(FIVE, clock, capacity=100)
    for _ in range(6):
        throttle.hit("victim")
    for number in range(10_000):
        throttle.hit(f"other {number}")
        if number % 50 == 0:
            assert throttle.hit("victim") is not None
    assert len(throttle) == 100


def test_a_hundred_threads_get_exactly_the_limit(clock: FixedClock) -> None:
    throttle = Throttle(FIVE, clock)
    passed: list[int] = []
    threads = [
        threading.Thread(target=lambda: passed.append(1) if throttle.hit("a") is None else None) for _ in range(100)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 5


def test_a_hundred_aliases_of_login_count_a_hundred_times(clock: FixedClock) -> None:
    logins = LoginThrottle(clock)
    passed = 0
    for number in range(100):
        try:
            logins.attempt(f"user{number}@example.com", "203.0.113.7")
            passed += 1
        except TooManyAttempts as error:
            assert error.code == "LIMIT_EXCEEDED"
            assert error.retry_after > 0
    assert passed == 20


def test_many_networks_against_one_address_are_limited_by_the_address(clock: FixedClock) -> None:
    logins = LoginThrottle(clock)
    for number in range(5):
        logins.attempt("li.wei@example.com", f"203.0.113.{number}")
    for spelling in ("li.wei@example.com", " LI.WEI@example.com ", "Li.Wei@EXAMPLE.com"):
        with pytest.raises(TooManyAttempts):
            logins.attempt(spelling, "203.0.113.99")


def test_success_clears_the_email_address_but_not_the_network(clock: FixedClock) -> None:
    logins = LoginThrottle(clock)
    for _ in range(4):
        for _ in range(5):
            logins.attempt("li.wei@example.com", "203.0.113.7")
        logins.succeeded("Li.Wei@example.com")
    with pytest.raises(TooManyAttempts):
        logins.attempt("li.wei@example.com", "203.0.113.7")
    logins.attempt("li.wei@example.com", "203.0.113.8")


def test_a_network_over_its_limit_uses_up_no_attempts_of_the_email_address(clock: FixedClock) -> None:
    logins = LoginThrottle(clock)
    for number in range(20):
        logins.attempt(f"user{number}@example.com", "203.0.113.7")
    for _ in range(50):
        with pytest.raises(TooManyAttempts):
            logins.attempt("li.wei@example.com", "203.0.113.7")
    logins.attempt("li.wei@example.com", "203.0.113.8")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix socket", "unix socket"),
    ],
    ids=repr,
)
def test_what_counts_as_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_strange_keys_are_counted_like_others(clock: FixedClock) -> None:
    throttle = Throttle(Rate(1, timedelta(seconds=1)), clock)
    for key in ("", "\ud800", "x" * 1_000_000, "\0"):
        assert throttle.hit(key) is None
        assert throttle.hit(key) is not None


@pytest.mark.parametrize("limit", [0, -1])
def test_a_rate_lets_something_through(limit: int) -> None:
    with pytest.raises(ValueError, match="limit of at least 1"):
        Rate(limit, timedelta(minutes=1))
