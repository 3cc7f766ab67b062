"""Codes that invoicing refuses with."""

from huikuan.errors import RefusalCode

NOT_DRAFT = RefusalCode("INVOICING_NOT_DRAFT", "The invoice is posted: it is corrected by a credit note only")
NOT_POSTED = RefusalCode("INVOICING_NOT_POSTED", "The invoice is a draft: post or discard it")
EMPTY = RefusalCode("INVOICING_EMPTY", "The invoice has no lines")
REFERENCE_TAKEN = RefusalCode("INVOICING_REFERENCE_TAKEN", "Another invoice, with other content, has this reference")
NUMBER_TAKEN = RefusalCode("INVOICING_NUMBER_TAKEN", "Another invoice has this number")
DATE_BEFORE_LAST = RefusalCode(
    "INVOICING_DATE_BEFORE_LAST", "A later number would have an earlier date: dates follow numbers"
)
DATE_AHEAD = RefusalCode("INVOICING_DATE_AHEAD", "The date lies in the future")
RATE_MISSING = RefusalCode("INVOICING_RATE_MISSING", "A foreign currency needs its rate to the company's currency")
DISCOUNT_MIXED = RefusalCode(
    "INVOICING_DISCOUNT_MIXED", "Tax can be reduced beforehand only where all instalments have the same discount"
)
CREDIT_TOO_LARGE = RefusalCode("INVOICING_CREDIT_TOO_LARGE", "More would be credited than was invoiced")
NOTHING_TO_CREDIT = RefusalCode("INVOICING_NOTHING_TO_CREDIT", "All of the invoice has been credited")
NOT_CREDITABLE = RefusalCode("INVOICING_NOT_CREDITABLE", "A credit note is not credited; write an invoice instead")
LINE_UNKNOWN = RefusalCode("INVOICING_LINE_UNKNOWN", "The invoice has no such line")
NOTHING_TO_INVOICE = RefusalCode("INVOICING_NOTHING_TO_INVOICE", "There is nothing left to invoice")
TOO_MUCH = RefusalCode("INVOICING_TOO_MUCH", "More would be invoiced than was ordered, allowance included")
WRONG_STATE = RefusalCode("INVOICING_WRONG_STATE", "The order's state does not allow it to be invoiced")
ORDER_INVOICED = RefusalCode("INVOICING_ORDER_INVOICED", "The order has posted invoices: credit them first")
PREPAYMENT_MISSING = RefusalCode(
    "INVOICING_PREPAYMENT_MISSING", "The order's prepayment has not come in", release="invoicing.release"
)
NOT_PAID = RefusalCode("INVOICING_NOT_PAID", "Goods wait until their invoice is paid", release="invoicing.release")
DEPOSIT_TOO_LARGE = RefusalCode("INVOICING_DEPOSIT_TOO_LARGE", "Deposits would come to more than the order")
PLAN_SUM = RefusalCode("INVOICING_PLAN_SUM", "The milestones must come to the plan's amount")
PLAN_TAKEN = RefusalCode("INVOICING_PLAN_TAKEN", "Another billing plan, with other content, has this reference")
