"""What a line by which money went out tells of: a payment that the bank took back, or something that was paid back.

The ladder is that of incoming lines: the first rung on which anything is found decides. Only what bears a name that the
line says, and is of just its amount, is ever posted by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from huikuan_receivables.matching.ladder import (
    AMOUNT,
    MAX_PROPOSALS,
    MIN_BARE,
    NUMBER,
    OTHER_PAYER,
    REFERENCE,
    TIE,
    Policy,
)
from huikuan_receivables.matching.texts import Key, account_key, creditor_reference, number_key, numbers_in, stands_in
from huikuan_receivables.snapshots import MatchKind, MatchRule

__all__ = ["Gone", "Leavings", "OutgoingLine", "OutgoingProposal", "OutgoingVerdict", "propose_outgoing"]

MIN_NAME, MIN_DIGITS = 4, 6
"""A name tells one from another if it has so many characters, without letters so many digits."""
HINT, PAYER = 75, 75
RECENT = timedelta(days=60)
"""By its amount alone money is looked for only so far back: direct debits are given back within eight weeks."""


@dataclass(frozen=True)
class Gone:
    """What money that went out may be. ``names``: its number, and the references of bank, caller and payer.

    ``title`` names it to people; ``payer_account``: where the money came from; ``ended``: it has bounced already.
    """

    kind: MatchKind
    id: UUID
    title: str
    customer_id: UUID
    currency: str
    amount: Decimal
    on: date
    names: tuple[str, ...] = ()
    payer_account: str | None = None
    ended: bool = False

    @cached_property
    def keys(self) -> frozenset[Key]:
        """Its names as they are compared."""
        return frozenset(key for name in self.names if _has_digit(key := number_key(name)))

    @cached_property
    def telling(self) -> frozenset[Key]:
        """Those that are long enough to tell it from others."""
        return frozenset(number_key(name) for name in self.names if _tells(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingLine:
    """A line by which money went out; the amount is more than 0. ``booking``: the bank's own key of it."""

    on: date
    amount: Decimal
    currency: str
    reference: str = ""
    text: str = ""
    booking: str = ""
    account: str = ""
    payers: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class OutgoingProposal:
    """What the line could tell of; ``named``: by a name of its own, else somebody has to say yes."""

    rule: MatchRule
    score: int
    reason: str
    gone: Gone
    named: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingVerdict:
    """Proposals, the best first, and the one that is sure enough to be posted, if any."""

    proposals: tuple[OutgoingProposal, ...] = ()
    certain: OutgoingProposal | None = None


class Leavings:
    """Payments that may be taken back and refunds that no line tells of yet, by amount."""

    def __init__(self, known: Iterable[Gone]) -> None:
        self._known: dict[tuple[str, Decimal], list[Gone]] = {}
        for gone in known:
            self._known.setdefault((gone.currency, gone.amount), []).append(gone)

    @property
    def customer_ids(self) -> set[UUID]:
        """Whose money it was."""
        return {gone.customer_id for alike in self._known.values() for gone in alike}

    def of_amount(self, line: OutgoingLine, besides: Collection[UUID] = ()) -> list[Gone]:
        """What is of just the line's amount and can be it by its day, the newest first."""
        found = [
            gone
            for gone in self._known.get((line.currency, line.amount), ())
            if gone.id not in besides and (gone.kind is MatchKind.REFUND or gone.on <= line.on)
        ]
        return sorted(found, key=lambda gone: (gone.on, gone.id), reverse=True)

    def take(self, gone: Gone) -> None:
        """A line tells of it now."""
        self._known[gone.currency, gone.amount].remove(gone)


def propose_outgoing(
    line: OutgoingLine, leavings: Leavings, policy: Policy, rejected: Collection[UUID] = ()
) -> OutgoingVerdict:
    """Climb down the ladder; ``rejected``: what somebody said it is not."""
    candidates = leavings.of_amount(line, rejected)
    for rung in (_by_reference, _by_name, _by_hint, _by_payer, _by_amount):
        found = rung(line, candidates)
        if found:
            return _verdict(found, policy)
    return OutgoingVerdict()


def _verdict(found: Sequence[OutgoingProposal], policy: Policy) -> OutgoingVerdict:
    best, alone = found[0], len(found) == 1
    sure = alone and best.named and best.score >= policy.post_from
    return OutgoingVerdict(tuple(found[:MAX_PROPOSALS]), best if sure else None)


def _by_reference(line: OutgoingLine, candidates: Sequence[Gone]) -> list[OutgoingProposal]:
    """The structured reference is a name of it, and nothing else."""
    said = {number_key(text) for text in (line.reference, creditor_reference(line.reference)) if text}
    found = [gone for gone in candidates if gone.telling & said]
    return _proposals(line, found, MatchRule.REFERENCE, REFERENCE, "The reference is that of {0}.", named=True)


def _by_name(line: OutgoingLine, candidates: Sequence[Gone]) -> list[OutgoingProposal]:
    """The text, or the reference, has a name of it with letters and digits."""
    named = {key for gone in candidates for key in gone.telling if not _bare(key)}
    keys = set(numbers_in(_texts(line), named.__contains__)) if named else set()
    found = [gone for gone in candidates if gone.telling & keys or _named_at_length(gone, line)]
    return _proposals(line, found, MatchRule.NUMBER, NUMBER, "The text names {0}.", named=True)


def _by_hint(line: OutgoingLine, candidates: Sequence[Gone]) -> list[OutgoingProposal]:
    """Digits alone may be a date, and the bank's key of one booking like that of another."""
    bare = {key for gone in candidates for key in gone.keys if _bare(key) and len("".join(key)) >= MIN_BARE}
    keys = set(numbers_in(_texts(line), bare.__contains__)) if bare else set()
    if line.booking:
        keys.add(number_key(line.booking))
    found = [gone for gone in candidates if gone.keys & keys]
    return _proposals(line, found, MatchRule.NUMBER, HINT, "The line has the digits of {0}.")


def _by_payer(line: OutgoingLine, candidates: Sequence[Gone]) -> list[OutgoingProposal]:
    """It went where the money came from, or to a customer who is known."""
    found = [
        gone
        for gone in candidates
        if (line.account and gone.payer_account == line.account) or gone.customer_id in line.payers
    ]
    return _proposals(line, found, MatchRule.PAYER, PAYER, "It went to who is known as the customer of {0}.")


def _by_amount(line: OutgoingLine, candidates: Sequence[Gone]) -> list[OutgoingProposal]:
    """Nothing but the amount; of a payee who is known, the rung before has said it all."""
    found = [gone for gone in candidates if abs(gone.on - line.on) <= RECENT] if not line.payers else []
    return _proposals(line, found, MatchRule.AMOUNT, AMOUNT, "Nothing but the amount speaks for {0}.")


def _proposals(
    line: OutgoingLine, found: Sequence[Gone], rule: MatchRule, sure: int, reason: str, *, named: bool = False
) -> list[OutgoingProposal]:
    """Several that the same speaks for are a tie: none of them is sure."""
    score = sure if len(found) == 1 else min(sure, TIE)
    return [
        OutgoingProposal(
            rule=rule,
            score=score - (OTHER_PAYER if _foreign_hand(line, gone) else 0),
            reason=f"{reason.format(gone.title)} {_remark(line, gone, len(found))}",
            gone=gone,
            named=named,
        )
        for gone in found
    ]


def _remark(line: OutgoingLine, gone: Gone, alike: int) -> str:
    said = "The amount is the same." if alike == 1 else f"{alike} of this amount are like it."
    if gone.ended:
        said += " It has bounced already."
    if _foreign_hand(line, gone):
        said += " Who got it is known as somebody else."
    return said


def _foreign_hand(line: OutgoingLine, gone: Gone) -> bool:
    """Whether who got the money is known, and is not the customer."""
    return bool(line.payers) and gone.customer_id not in line.payers and gone.payer_account != line.account


def _named_at_length(gone: Gone, line: OutgoingLine) -> bool:
    """Keys of machines change between letters and digits more often than numbers do: they are taken as they are."""
    return any(stands_in(name, line.text) or stands_in(name, line.reference) for name in gone.names)


def _tells(name: str) -> bool:
    key = number_key(name)
    if _bare(key):
        return len("".join(key)) >= MIN_DIGITS
    return _has_digit(key) and len(account_key(name)) >= MIN_NAME


def _bare(key: Key) -> bool:
    return all(run[0] <= "9" for run in key)


def _has_digit(key: Key) -> bool:
    return any(run[0] <= "9" for run in key)


def _texts(line: OutgoingLine) -> str:
    return f"{line.reference}\n    \n{line.text}"
