"""Which open items a line of a bank statement pays: no database, values in and proposals out.

`texts` finds invoice numbers and makes names and accounts comparable, `book` holds the open items of a run, `sums`
finds items that come to an amount, `ladder` puts them together. `rules` are what the company knows of certain lines,
`ruled` is the ladder with such a rule before it. `outgoing` is a ladder of its own for money that went out.
"""

from huikuan_receivables.matching.book import Book, BookItem
from huikuan_receivables.matching.ladder import Line, Part, Policy, Proposal, Verdict, propose
from huikuan_receivables.matching.outgoing import (
    Gone,
    Leavings,
    OutgoingLine,
    OutgoingProposal,
    OutgoingVerdict,
    propose_outgoing,
)
from huikuan_receivables.matching.ruled import payer_by_rule, propose_by_rule
from huikuan_receivables.matching.rules import PatternError, Rule, Said, first_that_holds, pattern_of
from huikuan_receivables.matching.sums import Sums, subsets
from huikuan_receivables.matching.texts import account_key, name_key, number_key, numbers_in

__all__ = [
    "Book",
    "BookItem",
    "Gone",
    "Leavings",
    "Line",
    "OutgoingLine",
    "OutgoingProposal",
    "OutgoingVerdict",
    "Part",
    "PatternError",
    "Policy",
    "Proposal",
    "Rule",
    "Said",
    "Sums",
    "Verdict",
    "account_key",
    "first_that_holds",
    "name_key",
    "number_key",
    "numbers_in",
    "pattern_of",
    "payer_by_rule",
    "propose",
    "propose_by_rule",
    "propose_outgoing",
    "subsets",
]
