"""The pure rules of collections: levels, promises, covering, points and the next action."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan_receivables.judging import judge, pauses
from huikuan_receivables.reminding import LevelRule, Standing, cover, faults, next_reminder
from huikuan_receivables.scoring import (
    DEFAULT_RULES,
    Facts,
    ScoreRule,
    matches,
    next_action,
)
from huikuan_receivables.snapshots import ActionKind, LevelTest, Measure, PromiseState

NET, MONTH, PREVIOUS = LevelTest.NET_DAYS, LevelTest.END_OF_MONTH, LevelTest.SINCE_PREVIOUS
DUE = date(2026, 1, 10)
TODAY = date(2026, 3, 1)
days = st.integers(-40, 400)
amounts = st.integers(0, 10_000).map(Decimal)


def day(offset: int) -> date:
    return DUE + timedelta(days=offset)


@st.composite
def policies(draw: st.DrawFn) -> list[LevelRule]:
    tests = draw(st.lists(st.sampled_from(LevelTest), min_size=1, max_size=5))
    return [
        LevelRule(position, *(first(test, draw) if position == 1 else later(test, draw)))
        for position, test in enumerate(tests, 1)
    ]


def first(test: LevelTest, draw: st.DrawFn) -> tuple[LevelTest, int]:
    return (NET if test is PREVIOUS else test), draw(st.integers(-10, 40))


def later(test: LevelTest, draw: st.DrawFn) -> tuple[LevelTest, int]:
    return test, draw(st.integers(1, 40))


class TestLevels:
    @pytest.mark.parametrize(
        ("rule", "standing", "expected"),
        [
            pytest.param(LevelRule(1, NET, 7), Standing(), date(2026, 1, 17), id="net days"),
            pytest.param(LevelRule(1, NET, 0), Standing(), DUE, id="on the due day"),
            pytest.param(LevelRule(1, NET, -3), Standing(), date(2026, 1, 7), id="before it"),
            pytest.param(LevelRule(1, MONTH, 10), Standing(), date(2026, 1, 31), id="end of month"),
            pytest.param(LevelRule(1, MONTH, 22), Standing(), date(2026, 2, 28), id="end of the month after"),
            pytest.param(LevelRule(2, PREVIOUS, 14), Standing(1, day(20)), day(34), id="since previous"),
            pytest.param(LevelRule(2, NET, 5), Standing(1, day(20)), day(21), id="long due, but not on the same day"),
            pytest.param(LevelRule(2, NET, 50), Standing(1, day(20), pushed=day(25)), day(25), id="promise broken"),
            pytest.param(LevelRule(2, NET, 50), Standing(1, day(20), pushed=day(20)), day(21), id="not twice a day"),
        ],
    )
    def test_when_a_level_is_due(self, rule: LevelRule, standing: Standing, expected: date) -> None:
        assert next_reminder([LevelRule(1, NET, 0), rule][-rule.position :], DUE, standing) == (rule, expected)

    def test_the_gap_of_a_policy_lies_between_two_levels(self) -> None:
        rules = [LevelRule(1, NET, 1), LevelRule(2, NET, 2)]
        found = next_reminder(rules, DUE, Standing(1, day(1)), gap_days=10)
        assert found == (rules[1], day(11))

    def test_after_the_last_level_comes_none(self) -> None:
        assert next_reminder([LevelRule(1, NET, 1)], DUE, Standing(1, day(1))) is None

    def test_what_is_due_at_the_end_of_time_is_never_reminded_of(self) -> None:
        """Opening balances say so of what has no due day; one of them keeps no other from being reminded of."""
        for test in LevelTest:
            assert next_reminder([LevelRule(1, test, 30)], date.max, Standing()) == (LevelRule(1, test, 30), date.max)

    @given(policies(), st.lists(st.integers(0, 30), min_size=1, max_size=12), st.integers(0, 10))
    def test_no_level_is_skipped_or_issued_twice_however_the_runs_lie(
        self, rules: list[LevelRule], gaps: list[int], gap_days: int
    ) -> None:
        standing, on, issued = Standing(), day(-10), []
        for gap in gaps:
            on += timedelta(days=gap)
            found = next_reminder(rules, DUE, standing, gap_days)
            if found is not None and found[1] <= on:
                standing = Standing(found[0].position, on)
                issued.append((found[0].position, on))
        assert [level for level, _ in issued] == list(range(1, len(issued) + 1))
        assert all(later - earlier >= timedelta(days=max(1, gap_days)) for (_, earlier), (_, later) in pairwise(issued))

    @given(policies(), days)
    def test_a_later_due_day_never_makes_a_first_reminder_earlier(self, rules: list[LevelRule], later: int) -> None:
        before, after = (next_reminder(rules, DUE + timedelta(days=n), Standing()) for n in (0, abs(later)))
        assert before is not None
        assert after is not None
        assert before[1] <= after[1]

    @pytest.mark.parametrize(
        "rules",
        [
            [LevelRule(2, NET, 1)],
            [LevelRule(1, NET, 1), LevelRule(3, NET, 2)],
            [LevelRule(1, PREVIOUS, 5)],
            [LevelRule(1, NET, 1), LevelRule(2, PREVIOUS, 0)],
        ],
    )
    def test_levels_that_make_no_sense_are_told(self, rules: list[LevelRule]) -> None:
        assert faults(rules)

    @given(policies())
    def test_others_are_fine(self, rules: list[LevelRule]) -> None:
        assert faults(rules) == []


class TestCovering:
    @given(st.lists(amounts, max_size=8), amounts)
    def test_credit_is_used_once_and_oldest_first(self, items: list[Decimal], credit: Decimal) -> None:
        left = cover(list(enumerate(items)), credit)
        used = sum(items, Decimal(0)) - sum(left.values(), Decimal(0))
        assert used == min(credit, sum(items, Decimal(0)))
        touched = [index for index, amount in enumerate(items) if left[index] != amount]
        assert all(left[index] == 0 for index in range(touched[-1])) if touched else True


class TestPromises:
    @pytest.mark.parametrize(
        ("paid", "left", "today", "expected"),
        [
            ("100", "0", 0, PromiseState.KEPT),
            ("100", "50", 0, PromiseState.KEPT),
            ("0", "0", 9, PromiseState.KEPT),
            ("60", "40", 0, PromiseState.PARTLY_KEPT),
            ("60", "40", 9, PromiseState.PARTLY_KEPT),
            ("0", "100", 2, PromiseState.OPEN),
            ("0", "100", 3, PromiseState.BROKEN),
        ],
    )
    def test_what_became_of_it(self, paid: str, left: str, today: int, expected: PromiseState) -> None:
        assert judge(Decimal(100), Decimal(paid), Decimal(left), day(today), day(2)) is expected

    @given(amounts, amounts, amounts, days)
    def test_it_pauses_only_while_more_may_come_in_time(
        self, promised: Decimal, paid: Decimal, left: Decimal, today: int
    ) -> None:
        found = judge(promised, paid, left, day(today), day(2))
        assert pauses(found, day(today), day(2)) is (today <= 2 and paid < promised and left > 0)


class TestWorklist:
    def test_the_score_is_the_sum_of_points_of_the_rules_that_match(self) -> None:
        rules = [
            ScoreRule("a", Measure.DAYS_OVERDUE, Decimal(31), 10),
            ScoreRule("b", Measure.LEVEL, Decimal(2), 7),
            ScoreRule("c", Measure.OVERDUE_AMOUNT, Decimal(1), 3),
        ]
        found = matches(rules, {Measure.DAYS_OVERDUE: Decimal(31), Measure.LEVEL: Decimal(1)})
        assert [(match.rule.name, match.value) for match in found] == [("a", Decimal(31))]

    @given(st.dictionaries(st.sampled_from(Measure), amounts), st.sampled_from(Measure), amounts)
    def test_more_never_scores_less(self, figures: dict[Measure, Decimal], which: Measure, more: Decimal) -> None:
        worse = {**figures, which: figures.get(which, Decimal(0)) + more}
        before, after = (sum(match.rule.points for match in matches(DEFAULT_RULES, it)) for it in (figures, worse))
        assert before <= after

    @pytest.mark.parametrize(
        ("facts", "kind", "on"),
        [
            (Facts(), ActionKind.NOTHING, None),
            (Facts(overdue=True), ActionKind.ESCALATE, TODAY),
            (Facts(overdue=True, remind_on=DUE), ActionKind.REMIND, TODAY),
            (Facts(remind_on=day(90)), ActionKind.REMIND, day(90)),
            (Facts(promised_until=day(90)), ActionKind.WAIT_FOR_PROMISE, day(90)),
            (Facts(dispute_due_on=day(90)), ActionKind.SETTLE_DISPUTE, day(90)),
            (Facts(remind_on=day(80), dispute_due_on=DUE), ActionKind.SETTLE_DISPUTE, TODAY),
            (Facts(remind_on=DUE, broken_on=day(5)), ActionKind.CALL, TODAY),
            (Facts(remind_on=DUE, broken_on=day(5), contacted_on=day(6)), ActionKind.REMIND, TODAY),
            (Facts(broken_on=day(5), look_again_on=day(90)), ActionKind.LOOK_AGAIN, day(90)),
            (Facts(look_again_on=TODAY, remind_on=day(90)), ActionKind.CALL, TODAY),
        ],
    )
    def test_the_next_action(self, facts: Facts, kind: ActionKind, on: date | None) -> None:
        found = next_action(facts, TODAY)
        assert (found.kind, found.on) == (kind, on)
