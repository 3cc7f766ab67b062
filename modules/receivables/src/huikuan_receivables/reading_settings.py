"""Settings that are texts with a form of their own."""

from __future__ import annotations

from huikuan.context import Context
from huikuan_receivables.aging import days_of, edges_of
from huikuan_receivables.provisioning import rates_of
from huikuan_receivables.tolerance import tolerances

__all__ = ["check_setting"]


def check_setting(ctx: Context, key: str, value: str | int | bool) -> None:
    """BadInput where ``value`` is none for this setting; other settings are left alone."""
    match key:
        case "receivables.aging_buckets":
            edges_of(ctx, days_of(str(value)))
        case "receivables.provision_rates":
            rates_of(str(value))
        case "receivables.tolerance":
            tolerances(str(value))
