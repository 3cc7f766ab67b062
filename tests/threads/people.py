"""Who acts in the town: workers read and write what is theirs, togglers change their tenant's modules and read."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from huikuan.ids import new_id
from tests.reliability.served import AGAIN
from tests.threads.asks import READS, Ask
from tests.threads.selections import Maker
from tests.threads.town import MODULES, Answer, Tenant
from tests.threads.writes import MOST_ORDERS, WRITES, Kind, Settle, create_order, make_estate

__all__ = ["Person", "Toggler", "Worker"]

PATIENCE = 60
"""Seconds for which one sends again what one is told to send again."""
FIRST_ORDERS = 4
USUAL = 8
"""Documents of each kind that are sent again and again."""
REFUSED = "refused without the module"


class Person:
    """One thread in one tenant; ``done`` counts what it did."""

    def __init__(self, tenant: Tenant, number: int, seed: int) -> None:
        self.tenant = tenant
        self.rng = random.Random(seed * 1_000 + number)
        self.estate = make_estate(tenant, number)
        self.done: Counter[str] = Counter()
        self.documents: set[tuple[frozenset[str], str]] = set()
        for _ in range(FIRST_ORDERS):
            self.write(create_order)

    def step(self) -> None:
        """One operation, or a few that belong together."""
        raise NotImplementedError

    def read(self) -> None:
        """Something at random."""
        [kind] = self.rng.choices(list(READS), list(READS.values()))
        ask = kind(self._maker(kind.__name__), self.estate)
        self.check(kind.__name__, ask, self.send(ask.document, ask.variables))

    def write(self, kind: Kind) -> None:
        """Change something, and see it in the payload."""
        write, key = kind(self._maker(kind.__name__), self.tenant, self.estate), str(new_id())
        # Now and then the first answer is lost on the way, and the same is sent again.
        for repeated in (False, True) if self.rng.random() < 0.2 else (False,):
            answer = self.send(write.document, write.variables, key, write.settle)
            self.check(f"{kind.__name__}{' again' if repeated else ''}", write, answer)

    def _maker(self, kind: str) -> Maker:
        """Most documents are among the usual ones, which all threads send."""
        usual = f"{kind} {self.rng.randint(1, USUAL)}"
        return Maker(random.Random(usual if self.rng.random() < 0.8 else self.rng.random()), self.rng)

    def check(self, kind: str, ask: Ask, answer: Answer) -> None:
        """It is the right answer; counted."""
        ask.check(answer)
        self.done[kind if ask.needs <= answer.names else REFUSED] += 1

    def send(
        self, document: str, variables: Mapping[str, Any], key: str | None = None, settle: Settle = lambda *_: None
    ) -> Answer:
        """Send it, and send it again with the same key if that is what one is told to do.

        ``settle`` hears what was done, of each answer: of two commands one may be done and the other not.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.tenant.ask(document, variables, key)
            assert answer.names <= MODULES and (answer.names == MODULES or "orders" not in answer.names), answer.names
            self.documents.add((answer.names, document))
            for name, payload in (answer.body.get("data") or {}).items():
                if payload is not None:
                    settle(name, payload)
            if not self._again(answer) or time.monotonic() > deadline:
                return answer
            time.sleep(0.02)

    def _again(self, answer: Answer) -> bool:
        errors = [error["extensions"] for error in answer.body.get("errors", ())]
        told = {str(item[name]) for item in errors for name in ("code", "reason") if name in item} & AGAIN
        self.done.update(f"told to send again: {name}" for name in told)
        return bool(told)


class Worker(Person):
    """Reads for the most part, and sees what it wrote itself."""

    def step(self) -> None:
        if self.rng.random() < 0.2:
            [kind] = self.rng.choices(list(WRITES), list(WRITES.values()))
            if kind is not create_order or len(self.estate.orders) < MOST_ORDERS:
                self.write(kind)
        self.read()


class Toggler(Person):
    """Alone changes the modules of its tenant, so that it knows at each request which ones there are."""

    names = MODULES

    def step(self) -> None:
        everything = self.names != MODULES and self.rng.random() < 0.6
        name = "orders" if everything else self.rng.choice(sorted(MODULES))
        if name in self.names:
            self._toggle("moduleDisable", f'module: "{name}", withDependants: true', self.names - {name, "orders"})
        else:
            self._toggle("moduleEnable", f'module: "{name}"', MODULES if name == "orders" else self.names | {name})
        # Everything is there for most of the time, so that there is something to ask for.
        for _ in range(self.rng.randint(1, 5) * (4 if self.names == MODULES else 1)):
            self.read()

    def send(
        self, document: str, variables: Mapping[str, Any], key: str | None = None, settle: Settle = lambda *_: None
    ) -> Answer:
        answer = super().send(document, variables, key, settle)
        assert answer.names == self.names, f"{answer.names} were enabled after {self.names} were"
        return answer

    def _toggle(self, mutation: str, arguments: str, after: frozenset[str]) -> None:
        document = f"mutation {{ {mutation}({arguments}) {{ modules {{ module state }} refusals {{ code }} }} }}"
        found = self.send(document, {}).body["data"][mutation]
        state = "ENABLED" if after > self.names else "DISABLED"
        assert {item["module"]: item["state"] for item in found["modules"]} == dict.fromkeys(after ^ self.names, state)
        assert not found["refusals"]
        self.names = after
        self.done[mutation] += 1
