"""Extension points of contracts. Each docstring is the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from huikuan.hooks import contribution
from huikuan_contracts.snapshots import InstalmentSnapshot, ReceivedPart

if TYPE_CHECKING:
    from huikuan.context import Context

__all__ = ["contracts_received_parts"]


@contribution
def contracts_received_parts(ctx: Context, instalments: Sequence[InstalmentSnapshot]) -> list[ReceivedPart]:  # type: ignore[empty-body]
    """What came in on instalments of collection plans, by receipts or out of a prepayment.

    Kind: contribution, on demand, read-only; for many instalments at once. ``instalments``: living ones
    of signed contracts. Returns parts in the instalments' currency; parts of the same instalment are
    added up, instalments on which nothing came in are left out. Money belongs to one part only: what
    was paid on an instalment's invoice is told by the bridge to invoicing, so tell only what was
    received without one. Call ``api.instalments_follow`` after money came in or was taken back, so
    that owners are told and delays are measured at once, not by the daily job.
    """
