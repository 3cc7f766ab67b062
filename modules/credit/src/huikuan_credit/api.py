"""What other modules may call. Commands join the open transaction of ``ctx``."""

from huikuan_credit.commands import credit_limit_end, credit_limit_set
from huikuan_credit.queries import Standing, exposure_at, standings

__all__ = ["Standing", "credit_limit_end", "credit_limit_set", "exposure_at", "standings"]
