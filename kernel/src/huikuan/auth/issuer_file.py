"""External issuers from a JSON file: a list of objects with issuer, audience, algorithms and jwks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from huikuan.auth.errors import KeySetupError
from huikuan.auth.issuers import ExternalIssuer, ExternalIssuers

__all__ = ["load_issuers"]

_KEYS = {"issuer", "audience", "algorithms", "jwks", "token_types", "trust_email"}


def load_issuers(path: Path | None) -> ExternalIssuers:
    """The issuers that the file names; none without a file.

    ``jwks`` is a key set, or the path of one, relative to the file. Nothing is fetched.
    """
    if path is None:
        return ExternalIssuers()
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise KeySetupError(f"The issuers file {path} cannot be read: {error}.") from error
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise KeySetupError(f"The issuers file {path} must hold a list of objects.")
    return ExternalIssuers(_issuer(item, path) for item in listed)


def _issuer(item: dict[str, Any], path: Path) -> ExternalIssuer:
    unknown = sorted(set(item) - _KEYS)
    missing = sorted({"issuer", "audience", "algorithms", "jwks"} - set(item))
    if unknown or missing:
        wrong = f"has the unknown key {unknown[0]!r}" if unknown else f"lacks {missing[0]!r}"
        raise KeySetupError(f"An issuer in {path} {wrong}; it may have: {', '.join(sorted(_KEYS))}.")
    given = item["jwks"]
    return ExternalIssuer(
        issuer=item["issuer"],
        audience=item["audience"],
        algorithms=tuple(item["algorithms"]),
        jwks=given if isinstance(given, dict) else path.parent / str(given),
        token_types=tuple(item.get("token_types", ("JWT",))),
        trust_email=item.get("trust_email", False) is True,
    )
