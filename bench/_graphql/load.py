"""A program: the load generator. Its input are plans: two sides, and either rounds or clients, seconds and slots.

It sends bytes that were made beforehand over connections that stay open, and looks at nothing but the status and
the length of what comes back, so that two servers can be compared by one client that neither of them waits for.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import uvloop

__all__ = ["Connection", "main"]

SIDES = ("engine", "floor")
WARM = 12
"""Requests that do not count: drivers prepare a statement at its fifth use, PostgreSQL settles on a plan later."""


class Connection:
    """One open connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
        self._reader, self._writer, self._request = reader, writer, request

    @classmethod
    async def open(cls, side: dict[str, Any]) -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", side["port"], limit=8_000_000)
        return cls(reader, writer, side["request"].encode())

    async def ask(self) -> bytes:
        """Send the request, and read the body of the answer."""
        self._writer.write(self._request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200"):
            raise SystemExit(f"a server answered {head.splitlines()[0].decode()}")
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        return await self._reader.readexactly(int(length))


async def _one_by_one(plan: dict[str, Any]) -> dict[str, Any]:
    """Seconds of each request, one at a time, the servers in turns."""
    clients = {name: await Connection.open(plan[name]) for name in SIDES}
    bodies = {name: (await client.ask()).decode() for name, client in clients.items()}
    taken: dict[str, list[float]] = {name: [] for name in SIDES}
    order = list(clients.items())
    for client in clients.values():
        for _ in range(WARM):
            await client.ask()
    for _ in range(plan["rounds"]):
        for name, client in order:
            started = time.perf_counter()
            body = await client.ask()
            taken[name].append(time.perf_counter() - started)
            assert len(body) == len(bodies[name].encode())
        order.reverse()
    return {**taken, "bodies": bodies}


async def _at_once(plan: dict[str, Any]) -> dict[str, Any]:
    """Requests per second of each server in each of its slots of time, many clients at once, the servers in turns."""
    opened = {name: [await Connection.open(plan[name]) for _ in range(plan["clients"])] for name in SIDES}
    bodies = {name: (await held[0].ask()).decode() for name, held in opened.items()}
    rates: dict[str, list[float]] = {name: [] for name in SIDES}
    slot, order = plan["seconds"] / plan["slots"], list(opened.items())
    for held in opened.values():
        await asyncio.gather(*(_until(client, time.perf_counter() + slot) for client in held))
    busy, began = time.process_time(), time.perf_counter()
    for _ in range(plan["slots"]):
        for name, held in order:
            started = time.perf_counter()
            end = started + slot
            counts = await asyncio.gather(*(_until(client, end) for client in held))
            rates[name].append(sum(counts) / (time.perf_counter() - started))
        order.reverse()
    share = (time.process_time() - busy) / (time.perf_counter() - began)
    return {**rates, "bodies": bodies, "client_share": share}


async def _until(client: Connection, end: float) -> int:
    count = 0
    while time.perf_counter() < end:
        await client.ask()
        count += 1
    return count


async def _run(plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [await (_one_by_one(plan) if "rounds" in plan else _at_once(plan)) for plan in plans]


def main(plans: list[dict[str, Any]]) -> None:
    """Carry out the plans, one after the other."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps({"found": runner.run(_run(plans))}))


if __name__ == "__main__":
    main(**json.load(sys.stdin))
