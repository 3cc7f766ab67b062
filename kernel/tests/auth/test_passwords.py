"""Passwords: stored as argon2id, hashed a few at a time, and the same work for whoever asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from statistics import median

import pytest
from argon2 import PasswordHasher

from huikuan.auth.errors import HashingBusy, PasswordPolicyError, PasswordProblem
from huikuan.auth.passwords import MAX_LENGTH, MIN_LENGTH, PROCESS_SLOTS, HashSlots, Passwords, check_policy

PASSWORDS = Passwords()
GOOD = "correct horse battery"
STORED = PASSWORDS.hash(GOOD)


def test_only_the_right_password_fits() -> None:
    assert PASSWORDS.verify(GOOD, STORED)
    for wrong in ("", GOOD + " ", GOOD.upper(), GOOD[:-1], STORED, "x" * 1_000_000, "\ud800" * 12):
        assert not PASSWORDS.verify(wrong, STORED)


def test_the_hash_is_argon2id_with_19_mib_two_passes_one_lane_and_its_own_salt() -> None:
    assert STORED.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORDS.hash(GOOD) != STORED


def test_a_hash_of_other_parameters_still_verifies_and_asks_for_a_new_one() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    assert PASSWORDS.verify(GOOD, weak)
    assert PASSWORDS.needs_rehash(weak)
    assert not PASSWORDS.needs_rehash(STORED)


def test_one_password_typed_on_two_keyboards_is_one_password() -> None:
    assert PASSWORDS.verify("cafe\u0301 au lait", PASSWORDS.hash("caf\u00e9 au lait"))
    assert PASSWORDS.verify("回款密码一二三四五六", PASSWORDS.hash("回款密码一二三四五六"))


@pytest.mark.parametrize("stored", [None, "", "!", "$argon2id$rubbish", "plain text"], ids=repr)
def test_nobody_and_damaged_hashes_answer_no(stored: str | None) -> None:
    assert PASSWORDS.verify(GOOD, stored) is False
    assert PASSWORDS.verify("", stored) is False


def test_verify_nobody_is_always_no() -> None:
    assert PASSWORDS.verify_nobody(GOOD) is False


def fastest(act: Callable[[], object], rounds: int = 7) -> float:
    """CPU time of this thread, so that other work on the machine does not count."""
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        act()
        times.append(time.thread_time() - start)
    return median(times)


def test_an_unknown_user_costs_the_same_work_as_a_wrong_password() -> None:
    known = fastest(lambda: PASSWORDS.verify("wrong password", STORED))
    fresh = Passwords()
    first = fastest(lambda: fresh.verify("wrong password", None), rounds=1)
    for unknown in (
        first,
        fastest(lambda: PASSWORDS.verify("wrong password", None)),
        fastest(lambda: PASSWORDS.verify_nobody("wrong password")),
        fastest(lambda: PASSWORDS.verify("wrong password", "!")),
        fastest(lambda: PASSWORDS.verify("x" * 100_000, STORED)),
    ):
        assert 0.5 < unknown / known < 2


def test_only_so_many_are_hashed_at_one_time_and_the_rest_is_told_to_wait() -> None:
    passwords = Passwords(HashSlots(1, wait=0.01))
    slots = passwords._slots
    with slots.take():
        for act in (
            lambda: passwords.hash(GOOD),
            lambda: passwords.verify(GOOD, STORED),
            lambda: passwords.verify(GOOD, None),
        ):
            with pytest.raises(HashingBusy) as caught:
                act()
            assert caught.value.code == "LIMIT_EXCEEDED"
    assert passwords.verify(GOOD, STORED)


def test_the_limit_belongs_to_the_process_and_survives_errors() -> None:
    assert Passwords()._slots is Passwords()._slots is PROCESS_SLOTS
    slots = HashSlots(2, wait=0.01)
    for _ in range(5):
        with pytest.raises(RuntimeError), slots.take():
            raise RuntimeError
    with slots.take(), slots.take(), pytest.raises(HashingBusy), slots.take():
        pass


def test_waiting_hashes_run_when_a_place_is_free() -> None:
    passwords = Passwords(HashSlots(2, wait=30))
    answers: list[bool] = []
    threads = [threading.Thread(target=lambda: answers.append(passwords.verify(GOOD, STORED))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 8


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", PasswordProblem.TOO_SHORT),
        ("x" * (MIN_LENGTH - 1), PasswordProblem.TOO_SHORT),
        ("x" * (MAX_LENGTH + 1), PasswordProblem.TOO_LONG),
        ("li.wei@example.com", PasswordProblem.IS_EMAIL),
        (" Li.Wei@Example.COM ", PasswordProblem.IS_EMAIL),
        ("half a pair \ud800", PasswordProblem.NOT_TEXT),
    ],
    ids=repr,
)
def test_a_password_against_the_rules_is_refused(password: str, problem: PasswordProblem) -> None:
    with pytest.raises(PasswordPolicyError) as caught:
        check_policy(password, email="li.wei@example.com")
    assert caught.value.problem is problem
    assert caught.value.code == "BAD_USER_INPUT"
    assert not password or password.strip() not in str(caught.value)


def test_passwords_within_the_rules_pass() -> None:
    for password in ("x" * MIN_LENGTH, "x" * MAX_LENGTH, "密码密码密码密码密码", GOOD):
        check_policy(password, email="li.wei@example.com")
    with pytest.raises(PasswordPolicyError):
        PASSWORDS.hash("x" * (MAX_LENGTH + 1))
