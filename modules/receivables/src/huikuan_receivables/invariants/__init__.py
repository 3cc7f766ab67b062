"""What must always be true of receivables; each part has a file of its own."""

from huikuan_receivables.invariants.bank import BANK
from huikuan_receivables.invariants.dunning import DUNNING
from huikuan_receivables.invariants.invoices import INVOICES
from huikuan_receivables.invariants.ledger import LEDGER

__all__ = ["INVARIANTS"]

INVARIANTS = (*LEDGER, *INVOICES, *DUNNING, *BANK)
