"""What a second module adds to the small one's outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from huikuan.context import Context
from huikuan.errors import NotFound
from huikuan.graphql import batch, extend, output
from huikuan.values import Ref
from kernel.tests.graphql.shop.types import Customer, Progress, Step

CALLS: list[tuple[str, int]] = []


@output
class Pace:
    """How fast it goes."""

    percent: Annotated[int, "Twice as far."]
    steps: list[Step]


@extend(Progress)
class ProgressPace:
    """Contributed to every progress."""

    @batch(requires=["percent", "steps"])
    @staticmethod
    def pace(ctx: Context, items: Sequence[Progress], times: Annotated[int, "How often."] = 2) -> list[Pace]:
        """How fast it goes."""
        CALLS.append(("pace", len(items)))
        return [Pace(item.percent * times, item.steps) for item in items]

    @batch(permission="pace.read")
    @staticmethod
    def hidden(ctx: Context, items: Sequence[Progress]) -> list[int | None]:
        """Only for some."""
        return [7 for _ in items]

    @batch()
    @staticmethod
    def broken(ctx: Context, items: Sequence[Progress]) -> list[int | None]:
        """Fails for everybody."""
        raise RuntimeError("secret place /etc/passwd")

    @batch()
    @staticmethod
    def missing(ctx: Context, items: Sequence[Progress]) -> list[int | None]:
        """Says that something is not there."""
        raise NotFound("There is no pace.")

    @batch()
    @staticmethod
    def uneven(ctx: Context, items: Sequence[Progress]) -> list[int | None]:
        """Answers one value too many."""
        return [1] * (len(items) + 1)


@extend(Step)
class StepPace:
    """Contributed to every step."""

    @batch(requires=["name", "customer"])
    @staticmethod
    def buyer(ctx: Context, steps: Sequence[Step]) -> list[Ref[Customer]]:
        """Whose it is."""
        CALLS.append(("buyer", len(steps)))
        return [step.customer for step in steps]

    @batch(requires=["name"])
    @staticmethod
    def must(ctx: Context, steps: Sequence[Step]) -> list[int]:
        """Promised, but null for the second one."""
        return [None if number == 1 else number for number, _ in enumerate(steps)]  # type: ignore[misc] # on purpose
