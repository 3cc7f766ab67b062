"""A program: how much memory stays after many documents. ``{"count": 10000, "secret": "hk_…"}`` is its input."""

from __future__ import annotations

import gc
import json
import sys
from itertools import islice

from bench._graphql.engine import Engine, some_id
from bench._graphql.texts import documents
from bench.machine import resident_mb
from huikuan.kernel import Kernel
from huikuan.settings import Settings

__all__ = ["main"]

WARM = 20


def main(count: int, secret: str) -> None:
    """Execute ``count`` documents of which no two are alike, for the owner of an API key."""
    kernel = Kernel.open(Settings.load())
    try:
        engine = Engine(kernel, kernel.admit(f"Bearer {secret}", request_id="bench"))
        variables, texts = {"id": some_id(engine)}, documents()
        for text in islice(texts, WARM):
            engine.ask(text, variables)
        weights = [_weigh()]
        for _ in range(2):
            for text in islice(texts, count // 2):
                engine.ask(text, variables)
            weights.append(_weigh())
        start, half, end = weights
        print(json.dumps({"documents_10k_mb": end - start, "documents_later_5k_mb": end - half}))
    finally:
        kernel.close()


def _weigh() -> float:
    gc.collect()
    return resident_mb()


if __name__ == "__main__":
    main(**json.load(sys.stdin))
