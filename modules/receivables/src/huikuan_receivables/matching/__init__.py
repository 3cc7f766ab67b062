"""Which open items a line of a bank statement pays: no database, values in and proposals out.

`texts` finds invoice numbers and makes names and accounts comparable, `book` holds the open items of a run, `sums`
finds items that come to an amount, `ladder` puts them together.
"""

from huikuan_receivables.matching.book import Book, BookItem
from huikuan_receivables.matching.ladder import Line, Part, Policy, Proposal, Verdict, propose
from huikuan_receivables.matching.sums import Sums, subsets
from huikuan_receivables.matching.texts import account_key, name_key, number_key, numbers_in

__all__ = [
    "Book",
    "BookItem",
    "Line",
    "Part",
    "Policy",
    "Proposal",
    "Sums",
    "Verdict",
    "account_key",
    "name_key",
    "number_key",
    "numbers_in",
    "propose",
    "subsets",
]
