"""Commands of receivables; each is a mutation of the same name."""

from huikuan_receivables.commands.allocations import (
    allocation_undo,
    payment_allocate,
    payment_auto_apply,
    receivable_credit_allocate,
)
from huikuan_receivables.commands.bank import (
    BankFileImported,
    BankRowProblem,
    BankSourceInput,
    bank_file_import,
    bank_source_change,
    bank_source_create,
    payer_alias_add,
    payer_alias_remove,
)
from huikuan_receivables.commands.bank_rules import (
    BankRuleInput,
    bank_rule_change,
    bank_rule_create,
    bank_rule_switch,
    bank_rules_order,
)
from huikuan_receivables.commands.bulk import PaymentImportResult, PaymentsImported, payments_import
from huikuan_receivables.commands.collections import (
    CollectionRuleInput,
    collection_change,
    collection_note,
    collection_rules_set,
    deferral_make,
)
from huikuan_receivables.commands.disputes import (
    dispute_change,
    dispute_open,
    dispute_settle,
)
from huikuan_receivables.commands.dunning_policies import (
    DunningLevelInput,
    DunningPolicyInput,
    dunning_assign,
    dunning_policy_create,
    dunning_unassign,
)
from huikuan_receivables.commands.dunning_runs import (
    dunning_place,
    dunning_run_approve,
    dunning_run_cancel,
    dunning_run_issue,
    dunning_run_preview,
)
from huikuan_receivables.commands.matches import (
    BankMatchRan,
    bank_line_ignore,
    bank_match_confirm,
    bank_match_post,
    bank_match_reject,
    bank_match_run,
    bank_match_undo,
    match_lines,
)
from huikuan_receivables.commands.payments import (
    payment_bounce,
    payment_fail,
    payment_record,
    payment_succeed,
    payment_unknown,
)
from huikuan_receivables.commands.promises import (
    judge_overdue,
    promise_make,
    promise_withdraw,
)
from huikuan_receivables.commands.provisions import provision_run
from huikuan_receivables.commands.refunds import payment_refund, receivable_credit_refund, refund_cancel
from huikuan_receivables.commands.write_offs import receivable_recover, receivable_write_off

__all__ = [
    "BankFileImported",
    "BankMatchRan",
    "BankRowProblem",
    "BankRuleInput",
    "BankSourceInput",
    "CollectionRuleInput",
    "DunningLevelInput",
    "DunningPolicyInput",
    "PaymentImportResult",
    "PaymentsImported",
    "allocation_undo",
    "bank_file_import",
    "bank_line_ignore",
    "bank_match_confirm",
    "bank_match_post",
    "bank_match_reject",
    "bank_match_run",
    "bank_match_undo",
    "bank_rule_change",
    "bank_rule_create",
    "bank_rule_switch",
    "bank_rules_order",
    "bank_source_change",
    "bank_source_create",
    "collection_change",
    "collection_note",
    "collection_rules_set",
    "deferral_make",
    "dispute_change",
    "dispute_open",
    "dispute_settle",
    "dunning_assign",
    "dunning_place",
    "dunning_policy_create",
    "dunning_run_approve",
    "dunning_run_cancel",
    "dunning_run_issue",
    "dunning_run_preview",
    "dunning_unassign",
    "judge_overdue",
    "match_lines",
    "payer_alias_add",
    "payer_alias_remove",
    "payment_allocate",
    "payment_auto_apply",
    "payment_bounce",
    "payment_fail",
    "payment_record",
    "payment_refund",
    "payment_succeed",
    "payment_unknown",
    "payments_import",
    "promise_make",
    "promise_withdraw",
    "provision_run",
    "receivable_credit_allocate",
    "receivable_credit_refund",
    "receivable_recover",
    "receivable_write_off",
    "refund_cancel",
]
