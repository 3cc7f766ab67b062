"""What other modules look up of invoices: numbers, ids by number, and posted documents page by page."""

from __future__ import annotations

from decimal import Decimal

from huikuan.money import Money
from huikuan.testing.shop import Shop
from huikuan_invoicing.api import invoice_by_id, invoice_ids, invoice_numbers, posted_documents


def test_numbers_and_ids_are_found_both_ways_and_drafts_have_none(shop: Shop) -> None:
    built = [shop.invoicing.posted(total="10") for _ in range(2)]
    shop.invoicing.draft(total="10")

    with shop.reading() as ctx:
        ids = invoice_ids(ctx, [it.number for it in built if it.number] + ["INV-9"])
        assert sorted(ids) == ["INV-000001", "INV-000002"]
        assert invoice_numbers(ctx, ids.values()) == {id: number for number, id in ids.items()}
        assert (invoice_ids(ctx, []), invoice_numbers(ctx, [])) == ({}, {})


def test_posted_documents_come_page_by_page_in_the_order_of_their_dates(shop: Shop) -> None:
    for _ in range(3):
        shop.invoicing.posted(total="10")
        shop.pass_time(days=1)
    shop.invoicing.draft(total="10")

    with shop.reading() as ctx:
        first = posted_documents(ctx, limit=2)
        assert first[-1].issued_on is not None
        rest = posted_documents(ctx, after=(first[-1].issued_on, first[-1].id), limit=2)
        assert [it.number for it in (*first, *rest)] == ["INV-000001", "INV-000002", "INV-000003"]
        assert posted_documents(ctx, after=(rest[-1].issued_on or ctx.today, rest[-1].id)) == []


def test_a_document_tells_what_it_is_worth_in_the_companys_currency(shop: Shop) -> None:
    shop.invoicing.posted(total="100", currency="USD", rate="0.9")

    with shop.reading() as ctx:
        [found] = posted_documents(ctx)
        assert found.base_total == Money(Decimal(90), "EUR")
        assert invoice_by_id(ctx, found.id) == found
