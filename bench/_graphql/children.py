"""Rows that processes of their own measure: memory is only to be told where nothing else was before."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from bench._graphql.servers import ROOT, environment
from bench._graphql.site import Site
from bench._graphql.sizes import Size

__all__ = ["child", "compositions", "kept_documents"]


def compositions(size: Size) -> dict[str, float]:
    """``composition_ms``, ``composition_mb`` and ``compositions_200_mb``."""
    return child("composing", {"count": size.kept_compositions, "weighed": size.compositions})


def kept_documents(site: Site) -> dict[str, float]:
    """``documents_10k_mb``, and how much of it the second half added."""
    given = {"count": site.size.kept_documents, "secret": site.few.secret}
    return child("remembering", given, site.settings.environment())


def child(program: str, given: Mapping[str, Any], variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run one of the programs beside this file; JSON goes in, and its last line is JSON."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench._graphql.{program}"],
        input=json.dumps(given),
        cwd=ROOT,
        env=environment(variables or {}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
