"""A shop's program that creates, confirms and pays orders, in a process of its own: ``python -m tests.chaos.load``.

It knows no more of the server than docs/graphql.md says: whatever it is not answered, it sends again with the same
idempotencyKey. The first line of its input says what to do; at the end of its input each writer finishes the order that
it has begun. What it was answered stands in its journal, one line of JSON each, before it sends anything else.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Task"]

CREATE = """mutation($input: OrderCreateInput!, $key: String) {
  answer: orderCreate(input: $input, idempotencyKey: $key) { it: order { id number } refusals { code } }
}"""
CONFIRM = """mutation($id: ID!, $key: String) {
  answer: orderConfirm(id: $id, idempotencyKey: $key) { it: order { id number } refusals { code } }
}"""
PAY = """mutation($input: PaymentInput!, $key: String) {
  answer: paymentRecord(input: $input, idempotencyKey: $key) { it: payment { id number: reference } refusals { code } }
}"""
AGAIN = frozenset({"OVERLOADED", "TIMEOUT", "STOPPING", "CONCURRENT", "IN_FLIGHT"})
PATIENCE = 35
"""Seconds after which a request that is not answered hangs: the server promises an answer within 30."""
PERSISTENCE = 120
PRICE = "200"
"""Of an order: two at the list price."""


@dataclass(frozen=True)
class Task:
    """What the load is told to do."""

    port: int
    token: str
    journal: str
    writers: int
    pays: bool

    def line(self) -> bytes:
        """As the process reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"


class Unanswered(Exception):
    """Nobody answers, or not as the documentation says."""


class Journal:
    """One line for each fact, written before anything follows from it."""

    def __init__(self, file: str) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(self, what: str, **facts: Any) -> None:
        line = json.dumps({"what": what, "at": time.monotonic(), **facts})
        os.write(self._file, f"{line}\n".encode())  # one write: lines of several threads never mix


class Client:
    """One connection, opened anew whenever it is lost."""

    def __init__(self, task: Task, journal: Journal) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", task.port, timeout=PATIENCE)
        self._headers = {"Authorization": f"Bearer {task.token}", "Content-Type": "application/json"}
        self._journal = journal

    def answered(self, command: str, key: str, document: str, **variables: Any) -> dict[str, Any]:
        """The object that a command answered with, after as many repeats as it takes."""
        self._journal.note("begun", command=command, key=key)
        body = json.dumps({"query": document, "variables": {**variables, "key": key}}).encode()
        began = time.monotonic()
        while time.monotonic() - began < PERSISTENCE:
            answer = self._try(body)
            if answer is not None:
                return self._done(command, key, answer, began)
        raise Unanswered(f"{command} {key} after {PERSISTENCE} s")

    def _try(self, body: bytes) -> dict[str, Any] | None:
        """The answer, or nothing once it is time to send again."""
        began = time.monotonic()
        try:
            self._http.request("POST", "/graphql", body, self._headers)
            response = self._http.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._http.close()
            self._journal.note("told", word=type(error).__name__, seconds=time.monotonic() - began)
            time.sleep(0.1)
            return None
        if "errors" not in answer:
            return answer
        words = _words(answer)
        if not words & AGAIN:
            raise Unanswered(f"{response.status} {answer}")
        self._journal.note("told", word=min(words & AGAIN), seconds=time.monotonic() - began)
        time.sleep(float(response.headers.get("retry-after", "0.05")))
        return None

    def _done(self, command: str, key: str, answer: Mapping[str, Any], began: float) -> dict[str, Any]:
        payload = answer["data"]["answer"]
        if payload["refusals"]:
            raise Unanswered(f"{command} {key} was refused: {payload['refusals']}")
        it: dict[str, Any] = payload["it"]
        replayed = "idempotency" in answer.get("extensions", {})
        seconds = time.monotonic() - began
        self._journal.note("done", command=command, key=key, it=it, replayed=replayed, seconds=seconds)
        return it


def _words(answer: Mapping[str, Any]) -> set[str]:
    """Codes and reasons of an answer's errors."""
    found = [error["extensions"] for error in answer["errors"]]
    return {str(item[name]) for item in found for name in ("code", "reason") if name in item}


def write(task: Task, journal: Journal, number: int, stop: threading.Event) -> None:
    """Create, confirm and pay one order after the other; their notes are the only thing that tells them apart."""
    client, count = Client(task, journal), 0
    try:
        while not stop.is_set():
            count += 1
            key = f"{number}-{count}"
            lines, customer = [{"sku": "A1", "quantity": "2"}], {"code": f"C{count % 3 + 1}"}
            order = {"customer": customer, "currency": "EUR", "notes": key, "lines": lines}
            made = client.answered("order_create", key, CREATE, input=order)
            client.answered("order_confirm", key, CONFIRM, id=made["id"])
            if task.pays:
                money = {"amount": PRICE, "currency": "EUR"}
                client.answered(
                    "payment_record", key, PAY, input={"customer": customer, "amount": money, "reference": key}
                )
    except Exception as error:
        journal.note("gave up", why=str(error) or type(error).__name__)
        raise


def main() -> int:
    """Work until the input ends, then finish what was begun; 1 if a writer gave up."""
    task = Task(**json.loads(sys.stdin.buffer.readline()))
    journal, stop = Journal(task.journal), threading.Event()
    threads = [threading.Thread(target=write, args=(task, journal, n, stop)) for n in range(task.writers)]
    for thread in threads:
        thread.start()
    sys.stdin.buffer.read()
    stop.set()
    for thread in threads:
        thread.join()
    journal.note("ended")
    return 0


if __name__ == "__main__":
    sys.exit(main())
