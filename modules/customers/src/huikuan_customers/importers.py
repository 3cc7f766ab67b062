"""The importer of customers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from huikuan import BadInput, Context, Ref
from huikuan.importing import Column, Importer, Outcome, Row, Status, Unit
from huikuan_customers.inputs import AddressInput, BankAccountInput, ContactInput, CustomerChange, CustomerInput
from huikuan_customers.models import BankAccount, Contact, Customer, CustomerGroup, PaymentTerms
from huikuan_customers.values import account_number
from huikuan_customers.writing import add_account, add_contact, change_customer, create_customer

__all__ = ["CUSTOMERS"]

UNKNOWN = "CUSTOMERS_UNKNOWN_REFERENCE"
_PLAIN = ("name", "tax_id", "currency", "language", "note", "discount_percent")
_REFERENCES: dict[str, Any] = {
    "group": CustomerGroup,
    "payment_terms": PaymentTerms,
    "parent": Customer,
    "bill_to": Customer,
    "payer": Customer,
    "ship_to": Customer,
}

COLUMNS = (
    Column("code", "text", True, "Your own key of the customer.", aliases=("customer", "customer code"), max_length=64),
    Column("name", "text", False, "Legal name; needed for a new customer.", aliases=("customer name",), max_length=200),
    Column("tax_id", "text", False, "Tax id.", aliases=("vat id", "vat number"), max_length=64),
    Column("currency", "text", False, "Currency; left out: the company's.", max_length=3),
    Column("language", "text", False, "Language, such as en or zh-CN.", max_length=35),
    Column("note", "text", False, "Anything worth knowing."),
    Column("discount_percent", "decimal", False, "Standing discount in percent.", places=6),
    Column("group", "text", False, "Code of its group."),
    Column("payment_terms", "text", False, "Code of its payment terms."),
    Column("parent", "text", False, "Code of the company above it."),
    Column("bill_to", "text", False, "Code of who gets its invoices."),
    Column("payer", "text", False, "Code of who pays its invoices."),
    Column("ship_to", "text", False, "Code of who gets its goods."),
    Column("tags", "text", False, "Words by which it is found, separated by commas."),
    Column("line1", "text", False, "Street and number.", aliases=("street", "address"), max_length=200),
    Column("postal_code", "text", False, "Postal code.", aliases=("zip", "postcode"), max_length=20),
    Column("city", "text", False, "City.", max_length=200),
    Column("region", "text", False, "State or province.", aliases=("state", "province"), max_length=200),
    Column("country", "text", False, "Country, as ISO code of two letters.", max_length=2),
    Column("contact_name", "text", False, "A person.", aliases=("contact",), max_length=200),
    Column("contact_email", "text", False, "E-mail address of the person.", aliases=("email",), max_length=254),
    Column("contact_phone", "text", False, "Phone number of the person.", aliases=("phone",), max_length=50),
    Column("bank_account", "text", False, "IBAN or account number.", aliases=("iban",), max_length=50),
)


def write_customer(ctx: Context, unit: Unit) -> Outcome:
    """Make the customer, or change what the row names of the one that is there.

    Of an existing customer the address is left alone; a contact or bank account it lacks is added.
    """
    row = unit.first
    customer = ctx.find(Customer, code=row["code"].strip())
    if customer is None:
        return Outcome(status=Status.CREATED, subject_id=_create(ctx, row).id)
    changed = change_customer(ctx, customer, CustomerChange(**_given(ctx, row)))
    changed |= _add_missing(ctx, customer, row)
    return Outcome(status=Status.UPDATED if changed else Status.UNCHANGED, subject_id=customer.id)


def _create(ctx: Context, row: Row) -> Customer:
    if row.get("name") is None:
        raise row.error("CUSTOMERS_NAME_MISSING", "A new customer needs a name.", column="name")
    account = row.get("bank_account")
    return create_customer(
        ctx,
        CustomerInput(
            code=row["code"],
            **_given(ctx, row),
            contacts=_contacts(row),
            addresses=_addresses(row),
            bank_accounts=[] if account is None else [BankAccountInput(number=account)],
        ),
    )


def _given(ctx: Context, row: Row) -> dict[str, Any]:
    """The fields of a customer that the row has values for."""
    found: dict[str, Any] = {name: value for name in _PLAIN if (value := row.get(name)) is not None}
    for name, model in _REFERENCES.items():
        code = row.get(name)
        if code is not None:
            id = ctx.scalar(select(model.id).where(model.code == code))
            if id is None:
                raise row.error(UNKNOWN, f"There is no {name.replace('_', ' ')} {code!r}.", column=name)
            found[name] = Ref(id)
    if row.get("tags") is not None:
        found["tags"] = [word for word in (part.strip() for part in row["tags"].split(",")) if word]
    return found


def _contacts(row: Row) -> list[ContactInput]:
    name = row.get("contact_name") or row.get("contact_email")
    if name is None:
        return []
    return [ContactInput(name=name, email=row.get("contact_email"), phone=row.get("contact_phone"))]


def _addresses(row: Row) -> list[AddressInput]:
    parts = {name: row.get(name) for name in ("line1", "postal_code", "city", "region", "country")}
    if not any(parts.values()):
        return []
    missing = [name for name in ("line1", "city", "country") if not parts[name]]
    if missing:
        raise BadInput(f"An address needs {', '.join(missing)} too.", field=missing[0])
    return [AddressInput(**parts)]


def _add_missing(ctx: Context, customer: Customer, row: Row) -> bool:
    added = False
    for contact in _contacts(row):
        if not ctx.exists(Contact, customer_id=customer.id, name=contact.name.strip()):
            add_contact(ctx, customer.id, contact)
            added = True
    number = row.get("bank_account")
    if number is not None and not ctx.exists(BankAccount, customer_id=customer.id, number=account_number(number)):
        add_account(ctx, customer.id, BankAccountInput(number=number))
        added = True
    return added


CUSTOMERS = Importer(
    name="customers",
    title="Customers",
    description="Customers with an address, a contact and a bank account each; known codes are updated.",
    columns=COLUMNS,
    write=write_customer,
    permission="customers.edit",
)
