"""What callers give: ``…Input`` makes something, ``…Change`` changes what is named in it and leaves the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from huikuan import UNSET, Money, Ref, Unset
from huikuan.core.models import User
from huikuan_customers.models import Customer, CustomerGroup, PaymentTerms
from huikuan_customers.snapshots import AddressKind, ContactPurpose, TermsKind, TermsLine, Weekday

__all__ = [
    "AddressChange",
    "AddressInput",
    "BankAccountInput",
    "ContactChange",
    "ContactInput",
    "CustomerChange",
    "CustomerGroupChange",
    "CustomerInput",
    "PaymentTermsLineInput",
]


@dataclass(frozen=True, kw_only=True)
class ContactInput:
    """A person at a customer."""

    name: Annotated[str, "Name of the person."]
    email: Annotated[str | None, "E-mail address."] = None
    phone: Annotated[str | None, "Phone number."] = None
    role: Annotated[str | None, "Role in the company."] = None
    purpose: Annotated[ContactPurpose, "What the person is addressed for."] = ContactPurpose.GENERAL
    language: Annotated[str | None, "Language to write in; left out: the customer's."] = None


@dataclass(frozen=True, kw_only=True)
class ContactChange:
    """What to change of a contact; null empties, what is left out stays."""

    name: Annotated[str | Unset, "Name of the person."] = UNSET
    email: Annotated[str | Unset | None, "E-mail address."] = UNSET
    phone: Annotated[str | Unset | None, "Phone number."] = UNSET
    role: Annotated[str | Unset | None, "Role in the company."] = UNSET
    purpose: Annotated[ContactPurpose | Unset, "What the person is addressed for."] = UNSET
    language: Annotated[str | Unset | None, "Language to write in; null: the customer's."] = UNSET


@dataclass(frozen=True, kw_only=True)
class AddressInput:
    """A postal address."""

    line1: Annotated[str, "Street and number."]
    city: Annotated[str, "City."]
    country: Annotated[str, "Country, as ISO 3166 code of two letters."]
    kind: Annotated[AddressKind, "What the address is for."] = AddressKind.LEGAL
    preferred: Annotated[bool, "Whether it is taken first among those of its kind."] = False
    name: Annotated[str | None, "Addressee, if not the customer."] = None
    line2: Annotated[str | None, "Second line."] = None
    postal_code: Annotated[str | None, "Postal code."] = None
    region: Annotated[str | None, "State or province."] = None


@dataclass(frozen=True, kw_only=True)
class AddressChange:
    """What to change of an address; null empties, what is left out stays."""

    line1: Annotated[str | Unset, "Street and number."] = UNSET
    city: Annotated[str | Unset, "City."] = UNSET
    country: Annotated[str | Unset, "Country, as ISO 3166 code of two letters."] = UNSET
    kind: Annotated[AddressKind | Unset, "What the address is for."] = UNSET
    preferred: Annotated[bool | Unset, "Whether it is taken first among those of its kind."] = UNSET
    name: Annotated[str | Unset | None, "Addressee, if not the customer."] = UNSET
    line2: Annotated[str | Unset | None, "Second line."] = UNSET
    postal_code: Annotated[str | Unset | None, "Postal code."] = UNSET
    region: Annotated[str | Unset | None, "State or province."] = UNSET


@dataclass(frozen=True, kw_only=True)
class BankAccountInput:
    """A bank account that a customer pays from."""

    number: Annotated[str, "IBAN or account number; spaces do not matter."]
    bank_code: Annotated[str | None, "BIC or the bank's code."] = None
    bank_name: Annotated[str | None, "Name of the bank."] = None
    holder: Annotated[str | None, "Holder, if not the customer."] = None
    currency: Annotated[str | None, "Currency of the account."] = None


@dataclass(frozen=True, kw_only=True)
class CustomerInput:
    """A new customer."""

    code: Annotated[str, "Your own key of the customer; never used twice."]
    name: Annotated[str, "Legal name."]
    tax_id: Annotated[str | None, "Tax id; spaces and punctuation do not matter."] = None
    currency: Annotated[str | None, "Currency of its documents; left out: the company's."] = None
    language: Annotated[str | None, "Language to write in, such as en or zh-CN; left out: the company's."] = None
    note: Annotated[str | None, "Anything worth knowing."] = None
    group: Annotated[Ref[CustomerGroup] | None, "The group whose defaults it takes."] = None
    owner: Annotated[Ref[User] | None, "The user who looks after it."] = None
    parent: Annotated[Ref[Customer] | None, "The company above it; credit and reminders follow the topmost."] = None
    bill_to: Annotated[Ref[Customer] | None, "Who gets its invoices; left out: itself."] = None
    payer: Annotated[Ref[Customer] | None, "Who pays its invoices; left out: who gets them."] = None
    ship_to: Annotated[Ref[Customer] | None, "Who gets its goods; left out: itself."] = None
    payment_terms: Annotated[Ref[PaymentTerms] | None, "Left out: those of the group, else the company's."] = None
    discount_percent: Annotated[Decimal | None, "Standing discount; 0 is none, left out: that of the group."] = None
    tags: Annotated[list[str], "Words by which it is found."] = field(default_factory=list)
    contacts: Annotated[list[ContactInput], "Persons."] = field(default_factory=list)
    addresses: Annotated[list[AddressInput], "Postal addresses."] = field(default_factory=list)
    bank_accounts: Annotated[list[BankAccountInput], "Bank accounts it pays from."] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class CustomerChange:
    """What to change of a customer; null empties, what is left out stays."""

    code: Annotated[str | Unset, "Your own key of the customer."] = UNSET
    name: Annotated[str | Unset, "Legal name."] = UNSET
    tax_id: Annotated[str | Unset | None, "Tax id; spaces and punctuation do not matter."] = UNSET
    currency: Annotated[str | Unset, "Currency of its new documents."] = UNSET
    language: Annotated[str | Unset, "Language to write in, such as en or zh-CN."] = UNSET
    note: Annotated[str | Unset | None, "Anything worth knowing."] = UNSET
    group: Annotated[Ref[CustomerGroup] | Unset | None, "The group whose defaults it takes."] = UNSET
    owner: Annotated[Ref[User] | Unset | None, "The user who looks after it."] = UNSET
    parent: Annotated[Ref[Customer] | Unset | None, "The company above it."] = UNSET
    bill_to: Annotated[Ref[Customer] | Unset | None, "Who gets its invoices; null: itself."] = UNSET
    payer: Annotated[Ref[Customer] | Unset | None, "Who pays its invoices; null: who gets them."] = UNSET
    ship_to: Annotated[Ref[Customer] | Unset | None, "Who gets its goods; null: itself."] = UNSET
    payment_terms: Annotated[Ref[PaymentTerms] | Unset | None, "Null: those of the group, else the company's."] = UNSET
    discount_percent: Annotated[Decimal | Unset | None, "0 is none, null: that of the group."] = UNSET
    tags: Annotated[list[str] | Unset, "All words by which it is found; replaces the former."] = UNSET


@dataclass(frozen=True, kw_only=True)
class CustomerGroupChange:
    """What to change of a group; null empties, what is left out stays."""

    code: Annotated[str | Unset, "Your own key of the group."] = UNSET
    name: Annotated[str | Unset, "Name of the group."] = UNSET
    payment_terms: Annotated[Ref[PaymentTerms] | Unset | None, "Null: the company's."] = UNSET
    discount_percent: Annotated[Decimal | Unset | None, "0 is none, null: the company's."] = UNSET


@dataclass(frozen=True, kw_only=True)
class PaymentTermsLineInput:
    """One line of payment terms: how much, and when. The last line takes what is left."""

    kind: Annotated[TermsKind, "How much the line takes."]
    percent: Annotated[Decimal | None, "For PERCENT and PERCENT_OF_REST."] = None
    amount: Annotated[Money | None, "For FIXED."] = None
    parts: Annotated[int | None, "For EQUAL_PARTS: how many."] = None
    months: Annotated[int, "Months after the document's date."] = 0
    days: Annotated[int, "Days after that."] = 0
    every_months: Annotated[int, "For EQUAL_PARTS: months between them."] = 0
    every_days: Annotated[int, "For EQUAL_PARTS: days between them."] = 0
    end_of_month: Annotated[bool, "Then on to the end of that month."] = False
    days_after: Annotated[int, "Days after the end of the month."] = 0
    day_of_month: Annotated[int | None, "Then on to this day of a month; 31 is the last day."] = None
    weekday: Annotated[Weekday | None, "Then on to this day of the week."] = None
    discount_percent: Annotated[Decimal | None, "Percent that may be kept back for paying early."] = None
    discount_days: Annotated[int | None, "Days after the document's date that count as early."] = None

    def line(self) -> TermsLine:
        """The line as the engine takes it."""
        return TermsLine(**{name: getattr(self, name) for name in TermsLine.__dataclass_fields__})
