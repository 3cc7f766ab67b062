"""A run of matching: the open items are read once, each line climbs down the ladder, what is certain is posted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from huikuan.context import Context
from huikuan.errors import BadInput, Refused
from huikuan_customers.api import customer_lock
from huikuan_receivables.banking.bulk import Bulk, is_plain
from huikuan_receivables.banking.facts import (
    UNSETTLED,
    LineFacts,
    book_items,
    line_facts,
    lines_to_try,
    open_sums,
    recorded,
    same_amounts,
    undone,
)
from huikuan_receivables.banking.matches import Matches
from huikuan_receivables.banking.outgoing import Outgoing
from huikuan_receivables.banking.payers import Payers, payers_for
from huikuan_receivables.banking.posting import line_lock
from huikuan_receivables.banking.rules import rules_in_force, said_of
from huikuan_receivables.changes import item_balances
from huikuan_receivables.matching import (
    Book,
    BookItem,
    Line,
    Policy,
    Proposal,
    Rule,
    Verdict,
    first_that_holds,
    payer_by_rule,
    propose,
    propose_by_rule,
)
from huikuan_receivables.models import ItemBalance
from huikuan_receivables.snapshots import BankLineStatus, MatchRule
from huikuan_receivables.tolerance import tolerances

__all__ = ["MAX_LINES", "RunResult", "run_matching"]

MAX_LINES = 10_000
ZERO = Decimal(0)


@dataclass(slots=True)
class RunResult:
    """How many lines were looked at, and what became of them; ``changed``: somebody was faster, try again."""

    tried: int = 0
    posted: int = 0
    proposed: int = 0
    unmatched: int = 0
    changed: int = 0


@dataclass(slots=True)
class _Found:
    """What the ladder says of the lines, before anything is locked: what is certain, and who it was found by."""

    verdicts: dict[UUID, Verdict] = field(default_factory=dict)
    certain: dict[UUID, Proposal] = field(default_factory=dict)
    payers: dict[UUID, frozenset[UUID]] = field(default_factory=dict)
    sums: dict[UUID, tuple[int, Decimal]] = field(default_factory=dict)


def run_matching(ctx: Context, source_id: UUID | None, limit: int, *, tried_until: datetime | None = None) -> RunResult:
    """Look at up to ``limit`` lines: post what is certain, keep proposals for the rest.

    The ladder is climbed before anything is locked; then the accounts and lines are, and a line is posted only if
    all that spoke for it still stands.
    """
    if not 1 <= limit <= MAX_LINES:
        raise BadInput(f"A run looks at 1 to {MAX_LINES} lines.", field="limit")
    lines = lines_to_try(ctx, source_id, limit, tried_until=tried_until)
    if not lines:
        return RunResult()
    incoming = [line for line in lines if not line.outgoing]
    found = _climb(ctx, incoming)
    outgoing = Outgoing(ctx, [line for line in lines if line.outgoing], Policy(post_from=_least(ctx)))
    accounts = _accounts(found.certain.values()) | outgoing.accounts()
    ctx.lock([*(line_lock(line.id) for line in lines), *(customer_lock(id) for id in accounts)])
    result = _write(ctx, incoming, found)
    outgoing.decide()
    return _together(result, outgoing)


def _together(found: RunResult, outgoing: Outgoing) -> RunResult:
    return RunResult(
        tried=found.tried + len(outgoing.lines),
        posted=found.posted + len(outgoing.posted),
        proposed=found.proposed + len(outgoing.proposed),
        unmatched=found.unmatched + len(outgoing.nothing),
        changed=found.changed + outgoing.changed,
    )


def _climb(ctx: Context, lines: Sequence[LineFacts]) -> _Found:
    if not lines:
        return _Found()
    items = book_items(ctx)
    payers = payers_for(ctx, lines, {id for item in items for id in (item.customer_id, item.payer_id)})
    policies = _policies(ctx, {line.amount.currency for line in lines})
    by_hand = undone(ctx, [line.id for line in lines]) | recorded(ctx, lines)
    book, found, rules = Book(items), _Found(), rules_in_force(ctx)
    for line in lines:
        asked = _asked(line, payers)
        asked, verdict = _verdict(line, asked, book, policies[asked.currency], rules)
        found.verdicts[line.id] = verdict
        certain = verdict.certain
        if certain is None or line.on > ctx.today or line.id in by_hand or _unrated(ctx, line):
            continue
        found.certain[line.id] = certain
        if certain.rule in (MatchRule.PAYER, MatchRule.SUBSET, MatchRule.RULE):
            found.payers[line.id] = frozenset(asked.payers)
        for part in certain.parts:
            book.take(part.item.item_id, part.amount + part.write_off + part.discount + part.given_up)
    found.sums = _sums(items, {id for payers in found.payers.values() for id in payers})
    return found


def _verdict(line: LineFacts, asked: Line, book: Book, policy: Policy, rules: Sequence[Rule]) -> tuple[Line, Verdict]:
    """What a line pays: by the first rule that holds, and if that finds nothing, or none holds, by the ladder alone."""
    said = said_of(line)
    rule = first_that_holds(rules, said) if rules else None
    if rule is not None:
        known = payer_by_rule(asked, rule)
        verdict = propose_by_rule(known, said, book, policy, rule)
        if verdict.proposals:
            return known, verdict
    return asked, propose(asked, book, policy)


def _sums(items: Iterable[BookItem], payers: set[UUID]) -> dict[UUID, tuple[int, Decimal]]:
    """How many items each of these owes or is to pay, and what they come to."""
    found = dict.fromkeys(payers, (0, ZERO))
    for item in items:
        for id in {item.customer_id, item.payer_id} & payers:
            count, total = found[id]
            found[id] = (count + 1, total + item.open)
    return found


def _accounts(proposals: Iterable[Proposal]) -> set[UUID]:
    """Whose accounts are touched."""
    found = {part.item.customer_id for proposal in proposals for part in proposal.parts}
    return found | {proposal.customer_id for proposal in proposals if proposal.customer_id is not None}


def _asked(line: LineFacts, payers: Payers) -> Line:
    return Line(
        on=line.on,
        amount=line.amount.amount,
        currency=line.amount.currency,
        reference=line.remittance or "",
        text=line.text,
        payers=payers.of(line),
    )


def _policies(ctx: Context, currencies: Iterable[str]) -> dict[str, Policy]:
    least = _least(ctx)
    known = tolerances(str(ctx.setting("receivables.tolerance")))
    return {code: Policy(post_from=least, tolerance=known.get(code, ZERO)) for code in currencies}


def _least(ctx: Context) -> int:
    """The least score that is posted by itself."""
    return int(ctx.setting("receivables.match_score"))


def _unrated(ctx: Context, line: LineFacts) -> bool:
    """A foreign currency without its rate: somebody has to say it."""
    return line.amount.currency != ctx.tenant.currency and line.rate is None


def _write(ctx: Context, lines: Sequence[LineFacts], found: _Found) -> RunResult:
    if not lines:
        return RunResult()
    now = line_facts(ctx, [line.id for line in lines])
    free = [line for line in lines if now[line.id].status in UNSETTLED]
    balances = item_balances(ctx, {part.item.item_id for one in found.certain.values() for part in one.parts})
    stale = _stale(ctx, found)
    bulk, matches = Bulk(ctx), Matches(ctx)
    matches.forget_proposals([line.id for line in free if now[line.id].status is BankLineStatus.PROPOSED])
    changed = len(lines) - len(free)
    for line in free:
        proposal = found.certain.get(line.id) if line.id not in stale else None
        if proposal is None or not _post(ctx, bulk, matches, line, proposal, balances):
            matches.propose(line, found.verdicts[line.id].proposals)
            changed += line.id in found.certain
    bulk.write()
    matches.write()
    bulk.changes.finish()
    return RunResult(
        tried=len(lines),
        posted=len(matches.posted),
        proposed=len(matches.proposed),
        unmatched=len(matches.nothing),
        changed=changed,
    )


def _post(
    ctx: Context,
    bulk: Bulk,
    matches: Matches,
    line: LineFacts,
    proposal: Proposal,
    balances: Mapping[UUID, ItemBalance],
) -> bool:
    """Post a line if what was found still stands."""
    if any(balances[part.item.item_id].open != part.item.open for part in proposal.parts):
        return False
    if is_plain(ctx, line, proposal, balances):
        matches.post(line, proposal, bulk.add(line, proposal, balances).id)
        return True
    try:
        with ctx.savepoint():
            matches.post_singly(line, proposal)
    except (Refused, BadInput):  # such as a rate at which the amount is larger than books hold
        return False
    return True


def _stale(ctx: Context, found: _Found) -> set[UUID]:
    """Lines that were told apart by what else was open, where that is not what it was."""
    sums = open_sums(ctx, found.sums.keys())
    stale = {id for id, payers in found.payers.items() if any(sums[payer] != found.sums[payer] for payer in payers)}
    alone = {id: one for id, one in found.certain.items() if one.rule is MatchRule.AMOUNT}
    amounts = same_amounts(ctx, {part.item.open for one in alone.values() for part in one.parts})
    for id, one in alone.items():
        [part] = one.parts
        if amounts.get((part.item.currency, part.item.open)) != 1:
            stale.add(id)
    return stale
