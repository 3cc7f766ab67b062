"""Documents of contracts (CON-1): known by their hash; small ones are kept here, others where their address says."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from huikuan.commands import command
from huikuan.context import Context
from huikuan.errors import BadInput, Refusal
from huikuan.ids import new_id
from huikuan.values import Id, Ref
from huikuan_contracts.commands.drafts import require_unsigned
from huikuan_contracts.commands.signing import checked
from huikuan_contracts.errors import DOCUMENT_HASH, DOCUMENT_SIZE, DOCUMENT_TYPE
from huikuan_contracts.models import Contract, ContractContent, ContractDocument
from huikuan_contracts.views import locked

__all__ = ["contract_document_add", "contract_document_remove"]

BEGINNINGS = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "application/zip": (b"PK\x03\x04",),
}
"""What content of a type begins with; what is added as one of these must be one."""

SHA256 = re.compile(r"[0-9a-f]{64}")
URI = re.compile(r"[a-z][a-z0-9+.-]*://\S+")


@command(permission="contracts.write", idempotency="natural", hidden=("content",))
def contract_document_add(
    ctx: Context,
    contract: Ref[Contract],
    name: str,
    media_type: str,
    content: str | None = None,
    uri: str | None = None,
    sha256: str | None = None,
    size: int | None = None,
) -> ContractDocument:
    """Add a document: its content in base64, which is kept here; or the address where it is kept, with hash and size.

    A content that the contract has already is not added twice. Signed contracts take further documents.
    """
    found = locked(ctx, contract.id)
    _check_type(ctx, media_type)
    if (content is None) == (uri is None):
        raise BadInput("Give either the content or where it is kept.", field="content")
    data = _decoded(ctx, content, media_type) if content is not None else None
    digest = hashlib.sha256(data).hexdigest() if data is not None else _given_hash(sha256)
    if sha256 is not None and sha256 != digest:
        ctx.refuse(Refusal(DOCUMENT_HASH, f"The hash of the content is {digest}.", field="sha256"))
    if uri is not None and not URI.fullmatch(uri):
        raise BadInput("An address looks like scheme://place.", field="uri")
    known = ctx.find(ContractDocument, contract_id=found.id, sha256=digest)
    if known is not None:
        return known
    length = len(data) if data is not None else _given_size(size)
    document = ctx.add(
        ContractDocument(
            contract_id=found.id,
            name=checked(name, "name"),
            media_type=media_type,
            size=length,
            sha256=digest,
            uri=uri,
        )
    )
    if data is not None:  # past the audit row, which keeps hashes and no files
        ctx.insert(ContractContent, [{"id": new_id(), "document_id": document.id, "content": data}])
    return document


@command(permission="contracts.write", idempotency="key")
def contract_document_remove(ctx: Context, id: Id[ContractDocument]) -> Contract:
    """Take a document from an unsigned contract; those of a signed one stay."""
    contract = locked(ctx, ctx.get(ContractDocument, id).contract_id)
    require_unsigned(ctx, contract)
    ctx.remove(ctx.get(ContractDocument, id))
    return contract


def _check_type(ctx: Context, media_type: str) -> None:
    allowed = [name.strip() for name in str(ctx.setting("contracts.document_types")).split(",")]
    if media_type not in allowed:
        ctx.refuse(
            Refusal(
                DOCUMENT_TYPE,
                f"{media_type!r} is not taken.",
                field="mediaType",
                advice=f"Possible are: {', '.join(allowed)}; the setting contracts.document_types says so.",
            )
        )


def _decoded(ctx: Context, content: str, media_type: str) -> bytes:
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput("The content is not base64.", field="content") from None
    limit = int(ctx.setting("contracts.document_max_kb")) * 1_024
    if not 0 < len(data) <= limit:
        ctx.refuse(
            Refusal(
                DOCUMENT_SIZE,
                f"The document has {len(data):,} bytes; 1 to {limit:,} are kept here.",
                field="content",
                advice="Keep it elsewhere and give its address, hash and size.",
            )
        )
    if not _looks_like(data, media_type):
        ctx.refuse(Refusal(DOCUMENT_TYPE, f"The content is no {media_type}.", field="content"))
    return data


def _looks_like(data: bytes, media_type: str) -> bool:
    if media_type.startswith("text/"):
        try:
            return "\0" not in data.decode("utf-8")
        except UnicodeDecodeError:
            return False
    return media_type not in BEGINNINGS or data.startswith(BEGINNINGS[media_type])


def _given_hash(sha256: str | None) -> str:
    if sha256 is None or not SHA256.fullmatch(sha256):
        raise BadInput("What is kept elsewhere needs its SHA-256, 64 small hex digits.", field="sha256")
    return sha256


def _given_size(size: int | None) -> int:
    if size is None or size < 1:
        raise BadInput("What is kept elsewhere needs its size in bytes.", field="size")
    return size
