"""Contracts are written, signed once, ended; their papers are what their hashes say (CON-1, CON-2)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from sqlalchemy import select, update

from huikuan.db.errors import PostedImmutableError
from huikuan.testing.corruption import Corrupt
from huikuan.testing.shop import Answer, Shop
from huikuan_contracts.models import ContractSignature
from huikuan_contracts.testing import part
from modules.contracts.tests.reading import events, read

PDF = b"%PDF-1.7 what was agreed"


def document(shop: Shop, contract: Any, **more: Any) -> Answer:
    """Add a document."""
    given = {"name": "contract.pdf", "mediaType": "application/pdf", **more}
    return shop.mutate("contractDocumentAdd", contract={"id": contract.id}, **given)


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


class TestStatus:
    def test_it_follows_from_signature_and_dates(self, shop: Shop) -> None:
        contract = shop.contracts.written(startsOn="2026-01-10", endsOn="2026-01-20")
        assert read(shop, contract)["status"] == "UNSIGNED"
        shop.contracts.sign(contract)["contract"]
        found = []
        for days in (0, 4, 1, 10, 1):
            shop.pass_time(days=days)
            found.append(read(shop, contract)["status"])
        assert found == ["INACTIVE", "INACTIVE", "ACTIVE", "ACTIVE", "INACTIVE"], "on its last day it is in force"

    def test_the_same_content_is_the_same_contract(self, shop: Shop) -> None:
        first = shop.contracts.written(reference="P-1")
        assert shop.contracts.written(reference="P-1") == first
        assert shop.contracts.write(reference="P-1", amount="2000").refused("CONTRACTS_REFERENCE_TAKEN")
        assert first.number == "K-000001"

    def test_an_unsigned_one_is_written_anew(self, shop: Shop) -> None:
        contract = shop.contracts.written(reference="P-1", instalments=[part()], tasks=["a"])
        given = {
            "reference": "P-2",
            "title": "Other",
            "customer": {"code": contract.customer},
            "amount": {"amount": "50", "currency": "EUR"},
            "instalments": [part("Half"), part("Rest")],
        }
        assert shop.mutate("contractChange", id=contract.id, input=given)["contract"]
        found = read(shop, contract)
        assert (found["number"], found["title"], found["tasks"], found["fulfilment"]) == (
            "K-000001",
            "Other",
            [],
            "NOT_APPLICABLE",
        )
        assert [it["amount"]["amount"] for it in found["instalments"]] == ["25.00", "25.00"]

    @pytest.mark.parametrize(
        "bad",
        [
            {"amount": None},
            {"title": " "},
            {"reference": ""},
            {"amount": "0"},
            {"startsOn": "2026-02-01", "endsOn": "2026-01-31"},
            {"taxPercent": "19"},
            {"taxCode": "STD", "taxPercent": "101"},
            {"items": [{"sku": "A"}]},
            {"tasks": ["a", "a"]},
            {"parties": [{"name": ""}]},
            {"kind": "FRAMEWORK", "items": [{"sku": "A"}, {"sku": "A"}]},
            {"kind": "FRAMEWORK", "items": [{"sku": "A", "cap": "-1"}]},
        ],
        ids=[
            "no amount",
            "no title",
            "no reference",
            "nothing",
            "ends before",
            "tax unnamed",
            "tax too high",
            "items of a project",
            "a task twice",
            "nobody",
            "an item twice",
            "less than nothing",
        ],
    )
    def test_contracts_that_are_none(self, shop: Shop, bad: dict[str, Any]) -> None:
        assert shop.contracts.write(**bad).failed("BAD_USER_INPUT")


class TestSignature:
    def test_it_is_given_once(self, shop: Shop) -> None:
        contract = shop.contracts.signed()
        assert shop.contracts.sign(contract)["contract"], "the same again changes nothing"
        assert shop.contracts.sign(contract, signedBy="Somebody else").refused("CONTRACTS_SIGNED")
        assert shop.contracts.sign(contract, signedOn="2026-01-01").refused("CONTRACTS_SIGNED")
        assert [it["signedBy"] for it in read(shop, contract)["signatures"]] == ["Li Wei"]
        assert events(shop) == ["CONTRACT_CREATED", "CONTRACT_SIGNED"]

    def test_a_signed_contract_is_not_written_anew(self, shop: Shop) -> None:
        contract = shop.contracts.signed()
        given = {
            "reference": "P-2",
            "title": "Other",
            "customer": {"code": contract.customer},
            "amount": {"amount": "5", "currency": "EUR"},
        }
        before = read(shop, contract)
        assert shop.mutate("contractChange", id=contract.id, input=given).refused("CONTRACTS_SIGNED")
        assert read(shop, contract) == before

    def test_nobody_changes_it_past_the_commands(self, shop: Shop) -> None:
        contract = shop.contracts.signed()
        with pytest.raises(PostedImmutableError), shop.writing() as ctx:
            signature = ctx.scalars(select(ContractSignature))[0]
            signature.signed_by = "Forger"
        with pytest.raises(PostedImmutableError), shop.writing() as ctx:
            ctx.execute(update(ContractSignature).values(signed_by="Forger"))
        assert read(shop, contract)["signatures"][0]["signedBy"] == "Li Wei"

    def test_days_that_no_signature_has(self, shop: Shop) -> None:
        contract = shop.contracts.written(endsOn="2026-01-04", startsOn="2026-01-01")
        assert shop.contracts.sign(contract).failed("BAD_USER_INPUT"), "it ended before"
        assert shop.contracts.sign(contract, signedOn="2026-01-06").failed("BAD_USER_INPUT"), "not yet"
        assert shop.contracts.sign(contract, signedBy=" ").failed("BAD_USER_INPUT")
        assert shop.contracts.sign(contract, signedOn="2026-01-02")["contract"]

    def test_a_cancelled_one_is_not_signed(self, shop: Shop) -> None:
        contract = shop.contracts.written()
        for _ in range(2):
            assert shop.mutate("contractCancel", id=contract.id, reason="no money")["contract"]
        assert read(shop, contract)["status"] == "CANCELLED"
        assert shop.contracts.sign(contract).refused("CONTRACTS_CANCELLED")
        assert events(shop, "CONTRACT_CANCELLED") == ["CONTRACT_CANCELLED"]


class TestChecklist:
    def test_it_is_ticked_task_by_task(self, shop: Shop) -> None:
        contract = shop.contracts.written(tasks=["a", "b"], fulfilBy="2026-01-10")
        tick: dict[str, Any] = {"contract": {"id": contract.id}}
        assert shop.mutate("contractTaskDone", **tick, position=1).refused("CONTRACTS_NOT_SIGNED")
        shop.contracts.sign(contract)["contract"]
        assert shop.mutate("contractTaskDone", **tick, position=3).failed("BAD_USER_INPUT")
        found = [read(shop, contract)["fulfilment"]]
        for position in (1, 1, 2):
            shop.mutate("contractTaskDone", **tick, position=position)["contract"]
            found.append(read(shop, contract)["fulfilment"])
        assert found == ["UNFULFILLED", "PARTIALLY", "PARTIALLY", "FULFILLED"]
        assert len(events(shop, "CONTRACT_FULFILMENT_CHANGED")) == 2

    def test_what_is_late_lapses_by_itself_and_may_still_be_done(self, shop: Shop) -> None:
        contract = shop.contracts.signed(tasks=["a"], fulfilBy="2026-01-10")
        shop.pass_time(days=5)
        shop.work()
        assert read(shop, contract)["fulfilment"] == "UNFULFILLED", "the deadline's day counts"
        shop.pass_time(days=1)
        shop.work()
        shop.work()
        assert read(shop, contract)["fulfilment"] == "LAPSED"
        assert len(events(shop, "CONTRACT_FULFILMENT_CHANGED")) == 1
        shop.mutate("contractTaskDone", contract={"id": contract.id}, position=1)["contract"]
        assert read(shop, contract)["fulfilment"] == "FULFILLED"

    def test_an_amendment_that_gives_more_time_takes_the_lapse_back(self, shop: Shop) -> None:
        contract = shop.contracts.signed(tasks=["a"], fulfilBy="2026-01-10")
        shop.pass_time(days=6)
        shop.work()
        shop.contracts.amend(contract, fulfilBy="2026-02-10")["contract"]
        assert read(shop, contract)["fulfilment"] == "UNFULFILLED"


class TestDocuments:
    def test_small_ones_are_kept_with_their_hash(self, shop: Shop) -> None:
        contract = shop.contracts.written()
        for _ in range(2):
            assert document(shop, contract, content=text(PDF))["contractDocument"]
        [found] = read(shop, contract)["documents"]
        assert (found["size"], found["sha256"], found["uri"]) == (len(PDF), hashlib.sha256(PDF).hexdigest(), None)
        ask = "query($id: ID!) { contractDocumentContent(id: $id) }"
        assert shop.query(ask, id=found["id"]) == {"contractDocumentContent": text(PDF)}
        assert not shop.check()

    def test_the_audit_trail_keeps_no_content(self, shop: Shop) -> None:
        contract = shop.contracts.written()
        document(shop, contract, content=text(PDF))["contractDocument"]
        trail = shop.query("{ auditEntries { nodes { input changes } } }")
        assert text(PDF) not in str(trail)

    def test_others_stay_where_they_are(self, shop: Shop) -> None:
        contract = shop.contracts.signed()
        elsewhere = {"uri": "https://files.example.org/1", "sha256": "ab" * 32, "size": 9_000_000}
        assert document(shop, contract, **elsewhere)["contractDocument"]
        [found] = read(shop, contract)["documents"]
        assert (found["uri"], found["size"]) == ("https://files.example.org/1", 9_000_000)
        ask = "query($id: ID!) { contractDocumentContent(id: $id) }"
        assert shop.query(ask, id=found["id"]) == {"contractDocumentContent": None}

    @pytest.mark.parametrize(
        ("bad", "code"),
        [
            ({"content": text(b"MZ no pdf")}, "CONTRACTS_DOCUMENT_TYPE"),
            ({"content": text(PDF), "mediaType": "application/x-msdownload"}, "CONTRACTS_DOCUMENT_TYPE"),
            ({"content": text(b"\xff\x00"), "mediaType": "text/plain"}, "CONTRACTS_DOCUMENT_TYPE"),
            ({"content": text(PDF + b" " * 1_024)}, "CONTRACTS_DOCUMENT_SIZE"),
            ({"content": ""}, "CONTRACTS_DOCUMENT_SIZE"),
            ({"content": text(PDF), "sha256": "0" * 64}, "CONTRACTS_DOCUMENT_HASH"),
            ({"content": "no base64!"}, "BAD_USER_INPUT"),
            ({}, "BAD_USER_INPUT"),
            ({"uri": "https://x.org/1", "size": 1}, "BAD_USER_INPUT"),
            ({"uri": "https://x.org/1", "sha256": "ab" * 32}, "BAD_USER_INPUT"),
            ({"uri": "somewhere", "sha256": "ab" * 32, "size": 1}, "BAD_USER_INPUT"),
        ],
        ids=["no pdf", "type", "no text", "large", "empty", "hash", "base64", "none", "no hash", "no size", "address"],
    )
    def test_documents_that_are_none(self, shop: Shop, bad: dict[str, Any], code: str) -> None:
        assert shop.set("contracts.document_max_kb", "1").done
        contract = shop.contracts.written()
        answer = document(shop, contract, **bad)
        assert answer.failed(code) if code == "BAD_USER_INPUT" else answer.refused(code)
        assert read(shop, contract)["documents"] == []

    def test_types_that_are_none_are_not_set(self, shop: Shop) -> None:
        for wrong in ("pdf", "application/pdf,", "application/pdf; image/png", ""):
            assert shop.set("contracts.document_types", wrong).refusals, wrong
        assert shop.set("contracts.document_types", "application/pdf, image/svg+xml").done

    def test_those_of_a_signed_contract_stay(self, shop: Shop) -> None:
        contract = shop.contracts.written()
        ids = [document(shop, contract, content=text(PDF + extra))["contractDocument"]["id"] for extra in (b"1", b"2")]
        assert shop.mutate("contractDocumentRemove", id=ids[0])["contract"]
        shop.contracts.sign(contract)["contract"]
        assert shop.mutate("contractDocumentRemove", id=ids[1]).refused("CONTRACTS_SIGNED")
        assert [it["id"] for it in read(shop, contract)["documents"]] == [ids[1]]
        assert not shop.check()

    def test_damaged_content_is_not_handed_out(self, shop: Shop, corrupt: Corrupt) -> None:
        contract = shop.contracts.written()
        id = document(shop, contract, content=text(PDF))["contractDocument"]["id"]
        corrupt(
            shop,
            "UPDATE contracts_contract_content SET content = CAST('x' AS BYTEA)"
            if shop.dialect == "postgresql"
            else "UPDATE contracts_contract_content SET content = x'78'",
        )
        response = shop.execute("query($id: ID!) { contractDocumentContent(id: $id) }", id=id)
        assert response["errors"]


def test_a_customer_with_contracts_in_force_is_not_archived(shop: Shop) -> None:
    contract = shop.contracts.signed(endsOn="2026-01-10", customer=shop.customers.create("C-9").code)
    archive = {"id": shop.query('{ customer(code: "C-9") { id } }')["customer"]["id"]}
    assert shop.mutate("customerArchive", **archive).refused("CONTRACTS_IN_FORCE")
    shop.pass_time(days=6)
    assert shop.mutate("customerArchive", **archive)["customer"]
    assert read(shop, contract)["customer"] == {"code": "C-9"}
