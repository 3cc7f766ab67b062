"""The ladder: the first rung on which anything is found decides, and only one that stands alone may be posted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from huikuan_receivables.matching.book import Book, BookItem
from huikuan_receivables.matching.fitting import Fit, Fitting, Part, fit
from huikuan_receivables.matching.rules import Rule
from huikuan_receivables.matching.sums import subsets
from huikuan_receivables.matching.texts import Key, creditor_reference, digits_in, number_key, numbers_in
from huikuan_receivables.snapshots import MatchRule

__all__ = ["MAX_PROPOSALS", "Line", "Part", "Policy", "Proposal", "Verdict", "propose", "verdict_of"]

ZERO = Decimal(0)
MAX_PROPOSALS = 5
MIN_BARE = 4
#: Scores: how sure a rung is when the amount fits, and what is taken off when it does so less well.
REFERENCE, NUMBER, BARE, AMOUNT, TIE, OLDEST, FOREIGN = 100, 98, 84, 70, 50, 45, 40
OFF = {Fit.EXACT: 0, Fit.WHOLE: 2, Fit.TOLERATED: 4, Fit.MORE: 6, Fit.LESS: 8, Fit.UNCLEAR: 35}
FITTING = (Fit.EXACT, Fit.WHOLE, Fit.TOLERATED)
OTHER_PAYER, SHARED_OFF, CLOSE_OFF, SUBSET_OFF, ONE_OF_OFF = 15, 5, 5, 7, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An incoming line. ``payers``: who it may come from, each with how sure that is, of 100."""

    on: date
    amount: Decimal
    currency: str
    reference: str = ""
    text: str = ""
    payers: Mapping[UUID, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """``post_from``: the least score that is posted by itself; ``tolerance``: differences that nobody asks for."""

    post_from: int = 80
    tolerance: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a line could pay. ``customer_id``: whose payment it is, if it is one account's; ``rest``: what is left of
    the money, and ``kept`` if that is too little to tell; ``short``: what lacks of the items that are partly paid;
    ``by``: the rule of the company that speaks for it; ``manual``: somebody has to say yes.
    """

    rule: MatchRule
    score: int
    reason: str
    customer_id: UUID | None
    parts: tuple[Part, ...]
    rest: Decimal = ZERO
    kept: bool = False
    short: Decimal = ZERO
    foreign: bool = False
    by: Rule | None = None
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Proposals, the best first, and the one that is sure enough to be posted, if any."""

    proposals: tuple[Proposal, ...] = ()
    certain: Proposal | None = None


def propose(line: Line, book: Book, policy: Policy) -> Verdict:
    """Climb down the ladder; a rung on which nothing is found is passed by."""
    for rung in (_by_reference, _by_number, _by_digits, _by_payer, _by_amount):
        found = rung(line, book, policy)
        if found:
            return verdict_of(found, policy)
    return Verdict()


def verdict_of(found: Sequence[Proposal], policy: Policy) -> Verdict:
    """These proposals in order, and the one that is certain."""
    ordered = sorted(found, key=lambda proposal: -proposal.score)[:MAX_PROPOSALS]
    best = ordered[0]
    tie = len(ordered) > 1 and ordered[1].score == best.score
    sure = best.score >= policy.post_from and best.customer_id is not None and not (best.foreign or best.manual)
    return Verdict(tuple(ordered), best if sure and not tie else None)


def _by_reference(line: Line, book: Book, policy: Policy) -> list[Proposal]:
    """The structured reference is a number, or nothing but numbers."""
    for reference in filter(None, (line.reference, creditor_reference(line.reference))):
        key = number_key(reference)
        keys = [key] if book.knows(key) else numbers_in(reference, book.knows)
        if sum(map(len, keys)) == len(key) and keys:
            return _named(line, book, policy, keys, MatchRule.REFERENCE, REFERENCE, "The reference")
    return []


def _by_number(line: Line, book: Book, policy: Policy) -> list[Proposal]:
    """The text, or the reference, names numbers with their letters."""
    keys = [key for key in numbers_in(_texts(line), book.knows) if not _bare(key)]
    return _named(line, book, policy, keys, MatchRule.NUMBER, NUMBER, "The text") if keys else []


def _by_digits(line: Line, book: Book, policy: Policy) -> list[Proposal]:
    """The text has the digits of a number; that counts only together with the amount."""
    texts = _texts(line)
    keys = numbers_in(texts, lambda key: book.knows(key) and len("".join(key)) >= MIN_BARE)
    items = [item for key in keys for item in book.numbered(key) if item.currency == line.currency]
    if items and fit(items, line.amount, line.on, policy.tolerance).fit in FITTING:
        return _named(line, book, policy, keys, MatchRule.NUMBER, BARE, "The text")
    ending = {item.item_id: item for digits in digits_in(texts) for item in book.ending_in(digits)}
    return [
        _exact(line, item, MatchRule.NUMBER, BARE, "The text has the last digits of {0}.")
        for item in _of_amount(line, ending.values())
    ]


def _by_payer(line: Line, book: Book, policy: Policy) -> list[Proposal]:
    """The payer is known: an item, an invoice, the whole account, or some of the items."""
    if not line.payers:
        return []
    items = book.owed_by(line.payers, line.currency)
    alone = len(line.payers) == 1
    if not items:
        return [_on_account(line)] if alone else []
    sure = max(line.payers.values()) - (0 if alone else SHARED_OFF)
    reason = "The payer is known; {0}."
    if exact := _of_amount(line, items):
        return [_exact(line, item, MatchRule.PAYER, sure, reason) for item in exact]
    groups = [*_invoices(items), *([tuple(items)] if alone else [])]
    if whole := {group for group in groups if len(group) > 1 and line.amount in _asked(group, line.on)}:
        return [_of(line, policy, group, MatchRule.PAYER, sure, reason) for group in whole]
    if close := [item for item in items if ZERO < item.open - line.amount <= policy.tolerance]:
        return [_of(line, policy, (item,), MatchRule.PAYER, sure - CLOSE_OFF, reason) for item in close]
    return _by_sum(line, policy, items, sure)


def _by_sum(line: Line, policy: Policy, items: Sequence[BookItem], sure: int) -> list[Proposal]:
    found = subsets([item.open for item in items], line.amount)
    reason = "The payer is known; {0} come to the amount."
    score = sure - SUBSET_OFF if found.unique else TIE
    chosen = [tuple(items[place] for place in way) for way in found.ways]
    if chosen:
        return [_of(line, policy, group, MatchRule.SUBSET, score, reason) for group in chosen]
    reason = "The payer is known, the amount fits nothing: the oldest first, of {0}."
    return [replace(_of(line, policy, items, MatchRule.PAYER, OLDEST, reason), score=OLDEST)]


def _on_account(line: Line) -> Proposal:
    reason = "The payer is known and owes nothing in this currency: the money is kept on account."
    (customer_id,) = line.payers
    return Proposal(
        rule=MatchRule.PAYER, score=OLDEST, reason=reason, customer_id=customer_id, parts=(), rest=line.amount
    )


def _by_amount(line: Line, book: Book, _policy: Policy) -> list[Proposal]:
    """Nothing but the amount; of a payer who is known, the rung before has said it all."""
    found = book.of_amount(line.currency, line.amount)
    if len(found) == 1:
        reason = "Only {0} has just this amount open; the payer is not known."
        return [_exact(line, found[0], MatchRule.AMOUNT, AMOUNT, reason)]
    reason = f"{len(found)} items have just this amount open, {{0}} among them; the payer is not known."
    return [_exact(line, item, MatchRule.AMOUNT, TIE, reason) for item in found[:MAX_PROPOSALS]]


def _named(
    line: Line, book: Book, policy: Policy, keys: Sequence[Key], rule: MatchRule, sure: int, what: str
) -> list[Proposal]:
    """What numbers name: in another currency somebody has to say the rate."""
    items = [item for key in keys for item in book.numbered(key)]
    same = [item for item in items if item.currency == line.currency]
    if not same:
        reason = f"{what} names {_numbers(items)}, which is in {items[0].currency}: what it pays has to be said."
        parts = tuple(Part(item, item.open) for item in items[:1])
        return [
            Proposal(rule=rule, score=FOREIGN, reason=reason, customer_id=_account(items), parts=parts, foreign=True)
        ]
    by_number: dict[str, list[BookItem]] = {}
    for item in same:
        by_number.setdefault(item.number, []).append(item)
    if len(by_number) > len(keys):  # two numbers that are told apart by zeros or punctuation only
        return [_of(line, policy, group, rule, TIE, f"{what} may name {{0}}.") for group in by_number.values()]
    if len(by_number) > 1 and (one := _one_of(line, list(by_number.values()))):
        return [_of(line, policy, one, rule, sure - ONE_OF_OFF, f"{what} names {{0}} and others.")]
    return [_of(line, policy, same, rule, sure, f"{what} names {{0}}.")]


def _one_of(line: Line, groups: Sequence[list[BookItem]]) -> list[BookItem]:
    """Of several invoices that are named, the only one that the amount pays exactly."""
    fitting = [group for group in groups if line.amount in _asked(group, line.on)]
    return fitting[0] if len(fitting) == 1 else []


def _of(line: Line, policy: Policy, items: Sequence[BookItem], rule: MatchRule, sure: int, reason: str) -> Proposal:
    """A proposal to settle these items with the line's amount."""
    found = fit(items, line.amount, line.on, policy.tolerance)
    account = _account(items)
    score = sure - OFF[found.fit] - (OTHER_PAYER if _foreign_hand(line, items) else 0)
    return Proposal(
        rule=rule,
        score=max(1, score if account is not None else min(score, TIE)),
        reason=" ".join(filter(None, (reason.format(_numbers(items)), _remark(line, items, found)))),
        customer_id=account,
        parts=found.parts,
        rest=found.rest,
        kept=found.kept,
        short=found.short,
    )


def _of_amount(line: Line, items: Iterable[BookItem]) -> list[BookItem]:
    """Those of which exactly the line's amount is open, or would be with the discount."""
    return [
        item for item in items if item.currency == line.currency and line.amount in (item.open, item.asked(line.on))
    ]


def _exact(line: Line, item: BookItem, rule: MatchRule, score: int, reason: str) -> Proposal:
    return _of(line, Policy(), (item,), rule, score, reason)


def _remark(line: Line, items: Sequence[BookItem], found: Fitting) -> str:
    said = found.fit.value
    if _foreign_hand(line, items):
        said += " The payer is known as somebody else."
    if _account(items) is None:
        said += " They are on several accounts."
    return said.strip()


def _foreign_hand(line: Line, items: Sequence[BookItem]) -> bool:
    """Whether the payer is known and none of those whose items these are."""
    return bool(line.payers) and not any({item.customer_id, item.payer_id} & line.payers.keys() for item in items)


def _account(items: Sequence[BookItem]) -> UUID | None:
    accounts = {item.customer_id for item in items}
    return accounts.pop() if len(accounts) == 1 else None


def _invoices(items: Sequence[BookItem]) -> list[tuple[BookItem, ...]]:
    found: dict[UUID, list[BookItem]] = {}
    for item in items:
        found.setdefault(item.invoice_id, []).append(item)
    return [tuple(group) for group in found.values()]


def _asked(items: Sequence[BookItem], on: date) -> set[Decimal]:
    return {sum((item.open for item in items), ZERO), sum((item.asked(on) for item in items), ZERO)}


def _bare(key: Key) -> bool:
    """A number of digits alone may be anything: a date, a phone."""
    return all(run[0] <= "9" for run in key)


def _texts(line: Line) -> str:
    return f"{line.reference}\n    \n{line.text}"


def _numbers(items: Sequence[BookItem]) -> str:
    numbers = list(dict.fromkeys(item.number for item in items))
    return ", ".join(numbers[:5]) + (f" and {len(numbers) - 5} more" if len(numbers) > 5 else "")
