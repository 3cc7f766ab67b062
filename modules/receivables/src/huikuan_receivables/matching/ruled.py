"""What a rule of the company makes of a line: it says whose money it is, what lacks, and what the money settles."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from huikuan.money import quantize
from huikuan_receivables.matching.book import Book
from huikuan_receivables.matching.fitting import fit
from huikuan_receivables.matching.ladder import MAX_PROPOSALS, Line, Policy, Proposal, Verdict, propose, verdict_of
from huikuan_receivables.matching.rules import Rule, Said, deduction_of
from huikuan_receivables.snapshots import Deducts, MatchRule, RuleSettles

__all__ = ["payer_by_rule", "propose_by_rule"]

ZERO, HUNDRED = Decimal(0), Decimal(100)
RULED = 93
"""How sure a rule is whose money it is, of 100."""


def payer_by_rule(line: Line, rule: Rule) -> Line:
    """The line, as the rule knows its payer."""
    return line if rule.customer_id is None else replace(line, payers={rule.customer_id: RULED})


def propose_by_rule(line: Line, said: Said, book: Book, policy: Policy, rule: Rule) -> Verdict:
    """What a line pays of which a rule holds; what the rule adds nothing to is as the ladder says.

    ``line``: with the payer that the rule knows.
    """
    if rule.settles is not RuleSettles.FITTING:
        return _on_account(line, book, policy, rule)
    plain = propose(line, book, policy)
    if rule.deducts is Deducts.PERCENT_OF_BALANCE:
        return _of_balance(line, policy, rule, plain)
    lacks = deduction_of(rule, said)
    found = _with(line, book, policy, rule, lacks) if lacks is not None else []
    if not found:
        return _known(policy, rule, plain)
    if any(map(_whole, plain.proposals)):  # it fits with what lacks and without it
        return Verdict((*found, *plain.proposals)[:MAX_PROPOSALS])
    return verdict_of(found, policy)


def _on_account(line: Line, book: Book, policy: Policy, rule: Rule) -> Verdict:
    """What is due first, or nothing."""
    if len(line.payers) != 1:
        return Verdict()
    [customer_id] = line.payers
    items = book.owed_by(line.payers, line.currency) if rule.settles is RuleSettles.OLDEST else []
    found = fit(items, line.amount, line.on, ZERO)
    what = "It settles what is due first." if found.parts else "The money is kept on account."
    proposal = Proposal(
        rule=MatchRule.RULE,
        score=RULED,
        reason=what,
        customer_id=customer_id,
        parts=found.parts,
        rest=found.rest,
        short=found.short,
    )
    return verdict_of([_ruled(proposal, rule)], policy)


def _with(line: Line, book: Book, policy: Policy, rule: Rule, lacks: Decimal) -> list[Proposal]:
    """What the line would pay exactly, had nothing been kept back."""
    found = []
    for proposal in propose(replace(line, amount=line.amount + lacks), book, policy).proposals:
        if _whole(proposal) and proposal.parts[-1].amount > lacks:
            found.append(_ruled(_less(proposal, lacks, line.currency), rule))
    return found


def _of_balance(line: Line, policy: Policy, rule: Rule, plain: Verdict) -> Verdict:
    """Of what the money does not pay of the items that it is for, so much is given up."""
    assert rule.deduction is not None and rule.at_most is not None
    found, helped = [], False
    for proposal in plain.proposals:
        lacks = quantize(proposal.short * rule.deduction / HUNDRED, line.currency)
        if proposal.parts and ZERO < lacks <= rule.at_most:
            last = proposal.parts[-1]
            parts = (*proposal.parts[:-1], last._replace(given_up=lacks))
            told = f"{proposal.reason} {_kept_back(lacks, line.currency)}"
            proposal = replace(proposal, parts=parts, short=proposal.short - lacks, reason=told)
            found.append(_ruled(proposal, rule))
            helped = True
        else:
            found.append(proposal)
    return verdict_of(found, policy) if helped else _known(policy, rule, plain)


def _known(policy: Policy, rule: Rule, plain: Verdict) -> Verdict:
    """The rule said at most whose money it is: what rests on that, rests on the rule."""
    if rule.customer_id is None or not plain.proposals:
        return plain
    return verdict_of([_ruled(it, rule) if it.rule in _BY_PAYER else it for it in plain.proposals], policy)


_BY_PAYER = (MatchRule.PAYER, MatchRule.SUBSET)


def _whole(proposal: Proposal) -> bool:
    """Whether the money pays items to the cent, and is nothing but theirs."""
    return (
        bool(proposal.parts)
        and not (proposal.rest or proposal.short or proposal.foreign)
        and not any(part.write_off or part.discount for part in proposal.parts)
    )


def _less(proposal: Proposal, lacks: Decimal, currency: str) -> Proposal:
    """The same with less money: so much of the last item is given up."""
    last = proposal.parts[-1]
    parts = (*proposal.parts[:-1], last._replace(amount=last.amount - lacks, given_up=lacks))
    return replace(proposal, parts=parts, reason=f"{proposal.reason} {_kept_back(lacks, currency)}")


def _kept_back(lacks: Decimal, currency: str) -> str:
    return f"{lacks:f} {currency} of it were kept back and are given up."


def _ruled(proposal: Proposal, rule: Rule) -> Proposal:
    """By button, or by the amount alone, somebody has to say yes."""
    return replace(
        proposal,
        rule=MatchRule.RULE,
        reason=f"{rule.name}: {proposal.reason}",
        by=rule,
        manual=not rule.automatic or proposal.rule is MatchRule.AMOUNT,
    )
