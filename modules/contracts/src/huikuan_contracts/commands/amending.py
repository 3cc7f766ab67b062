"""Amendments (CON-1, CON-3): a new version of what was signed; what was planned first is kept for statistics."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from huikuan.codec import digest
from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.money import Money
from huikuan.values import Id, Unset
from huikuan_contracts.amounts import check_amount
from huikuan_contracts.commands.progress import judge
from huikuan_contracts.commands.signing import checked
from huikuan_contracts.creating import check_item
from huikuan_contracts.errors import BELOW_CONSUMED, CANCELLED, INSTALMENT_FIXED, NOT_SIGNED
from huikuan_contracts.events import ContractAmended
from huikuan_contracts.inputs import ContractAmendInput, ContractInstalmentChangeInput
from huikuan_contracts.models import Contract, ContractAmendment, ContractInstalment, ContractItem
from huikuan_contracts.planning import MAX_DAYS, check_sum, instalment_rows, next_sequence, redate
from huikuan_contracts.receiving import receipts
from huikuan_contracts.snapshots import InstalmentTrigger
from huikuan_contracts.views import instalments_of, items_of, locked, terms_of, whole_of

__all__ = ["contract_amend"]

ZERO = Decimal(0)


@command(permission="contracts.sign", idempotency="key")
def contract_amend(ctx: Context, id: Id[Contract], input: ContractAmendInput) -> Contract:
    """Make a new version of a signed contract: amount, last day, instalments, caps. The earlier terms are kept.

    A new day of an instalment leaves the day that was planned first, from which delays are measured.
    """
    contract = locked(ctx, id)
    _require_amendable(ctx, contract)
    reason, signed_by = checked(input.reason, "reason"), checked(input.signed_by, "signedBy")
    if input.signed_on is not None and input.signed_on > ctx.today:
        raise BadInput("A signature does not lie in the future.", field="signedOn")
    before, amount_before = terms_of(ctx, contract), contract.amount
    _head(ctx, contract, input)
    _plan(ctx, contract, input)
    _items(ctx, contract, input)
    _check_consumed(ctx, contract)
    contract.version += 1
    ctx.flush()
    judge(ctx, contract)
    after = terms_of(ctx, contract)
    ctx.add(
        ContractAmendment(
            contract_id=contract.id,
            version=contract.version,
            reason=reason,
            signed_on=input.signed_on or ctx.today,
            signed_by=signed_by,
            before=before,
            after=after,
            terms_hash=digest(after),
        )
    )
    ctx.emit(
        ContractAmended(contract_id=contract.id, version=contract.version, before=amount_before, amount=contract.amount)
    )
    return contract


def _require_amendable(ctx: Context, contract: Contract) -> None:
    if contract.cancelled_on is not None:
        ctx.refuse(Refusal(CANCELLED, f"Contract {contract.number} was cancelled.", advice="Write a new one."))
    if contract.signed_on is None:
        ctx.refuse(Refusal(NOT_SIGNED, f"Contract {contract.number} is not signed.", advice="Use contractChange."))


def _head(ctx: Context, contract: Contract, input: ContractAmendInput) -> None:
    if not isinstance(input.amount, Unset):
        if contract.order_id is not None:
            raise BadInput("An order's plan comes to its order: amend the order.", field="amount")
        contract.amount = check_amount(input.amount, contract.currency, "amount")
    if not isinstance(input.ends_on, Unset):
        first = contract.starts_on or contract.signed_on
        if input.ends_on is not None and first is not None and input.ends_on < first:
            raise BadInput("The contract would end before it begins.", field="endsOn")
        contract.ends_on = input.ends_on
    if not isinstance(input.fulfil_by, Unset):
        contract.fulfil_by = input.fulfil_by


def _plan(ctx: Context, contract: Contract, input: ContractAmendInput) -> None:
    everything = instalments_of(ctx, contract.id, living=False)
    living = {part.sequence: part for part in everything if part.dropped_in is None}
    named = [*(change.sequence for change in input.update), *input.drop]
    unknown = sorted(set(named) - set(living))
    if unknown or len(set(named)) != len(named):
        raise BadInput(f"Name living instalments, each once{f': no {unknown[0]}' if unknown else ''}.", field="update")
    fixed = _fixed(ctx, contract, [living[sequence] for sequence in named])
    for index, change in enumerate(input.update):
        _change(ctx, living[change.sequence], change, fixed, f"update.{index}")
    for sequence in input.drop:
        _require_free(ctx, living[sequence], fixed)
        living.pop(sequence).dropped_in = contract.version + 1
    amounts = [part.amount for part in living.values()]
    added = instalment_rows(
        ctx,
        contract,
        input.add,
        whole=whole_of(contract),
        first=next_sequence(everything),
        before=amounts,
        field="add",
    )
    check_sum(ctx, contract, [*amounts, *(part.amount for part in added)], "add" if added else "amount")
    redate(contract, living.values())
    ctx.add_all(added)


def _fixed(ctx: Context, contract: Contract, parts: Sequence[ContractInstalment]) -> set[int]:
    """Which of these are invoiced, or have something received: their amount stays."""
    came = receipts(ctx, parts, {contract.id: contract})
    return {part.sequence for part in parts if part.invoice_id is not None or came[part.id].amount}


def _require_free(ctx: Context, part: ContractInstalment, fixed: set[int]) -> None:
    if part.sequence in fixed:
        ctx.refuse(
            Refusal(
                INSTALMENT_FIXED,
                f"Instalment {part.sequence} is invoiced, or something of it was received.",
                advice="Change another one, or add one for the difference.",
                sequence=part.sequence,
            )
        )


def _change(
    ctx: Context, part: ContractInstalment, change: ContractInstalmentChangeInput, fixed: set[int], where: str
) -> None:
    if not isinstance(change.amount, Unset) and change.amount != part.amount.amount:
        _require_free(ctx, part, fixed)
        part.amount = check_amount(change.amount, part.amount.currency, f"{where}.amount")
        part.percent, part.shared = None, False
    if not isinstance(change.name, Unset):
        part.name = checked(change.name, f"{where}.name")
    if not isinstance(change.planned_on, Unset):
        part.original_on = part.original_on or change.planned_on
        part.planned_on = change.planned_on
    if not isinstance(change.days, Unset):
        if part.trigger is InstalmentTrigger.DATE or not 0 <= change.days <= MAX_DAYS:
            raise BadInput(f"Days, from 0 to {MAX_DAYS}, are counted from a milestone.", field=f"{where}.days")
        part.days = change.days
    if not isinstance(change.owner, Unset):
        part.owner_id = change.owner.id if change.owner is not None else None
    if not isinstance(change.blocks_shipping, Unset):
        part.blocks_shipping = change.blocks_shipping
    if not isinstance(change.blocks_supply, Unset):
        part.blocks_supply = change.blocks_supply


def _items(ctx: Context, contract: Contract, input: ContractAmendInput) -> None:
    known = {item.sku: item for item in items_of(ctx, contract.id)}
    if input.items and not known:
        raise BadInput("Anything may be called off from this contract: it has no items.", field="items")
    if len({item.sku for item in input.items}) != len(input.items):
        raise BadInput("Name each article once.", field="items")
    position = len(known)
    for index, wanted in enumerate(input.items):
        check_item(wanted, f"items.{index}")
        item = known.get(wanted.sku)
        if item is None:
            position += 1
            item = ctx.add(ContractItem(contract_id=contract.id, position=position, sku=wanted.sku, consumed=ZERO))
        item.cap, item.unit_price = wanted.cap, wanted.unit_price


def _check_consumed(ctx: Context, contract: Contract) -> None:
    if contract.amount is not None and contract.consumed > contract.amount.amount:
        _below(ctx, f"{Money(contract.consumed, contract.currency)} of {contract.amount}", "amount")
    for item in items_of(ctx, contract.id):
        if item.cap is not None and item.consumed > item.cap:
            _below(ctx, f"{item.consumed.normalize():f} of {item.cap.normalize():f} {item.sku}", "items")


def _below(ctx: Context, what: str, field: str) -> None:
    advice = "Cancel or shrink orders of the contract first."
    ctx.refuse(Refusal(BELOW_CONSUMED, f"{what} would be called off already.", field=field, advice=advice))
