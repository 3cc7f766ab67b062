"""Commands of credit; each is a mutation of the same name."""

from huikuan_credit.commands.classes import (
    credit_class_assign,
    credit_class_set,
    credit_customer_rate,
    credit_rating_set,
)
from huikuan_credit.commands.limits import credit_limit_end, credit_limit_set
from huikuan_credit.commands.rules import CreditRuleInput, credit_rules_set

__all__ = [
    "CreditRuleInput",
    "credit_class_assign",
    "credit_class_set",
    "credit_customer_rate",
    "credit_limit_end",
    "credit_limit_set",
    "credit_rating_set",
    "credit_rules_set",
]
