"""One WebSocket connection: the protocol's order of messages, one task for each operation, one end for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import anyio.to_thread
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.types import Message as Event
from starlette.types import Receive, Send

from huikuan.errors import Unauthenticated
from huikuan.graphql.wire import GraphQLRequest, WireError, read_parameters
from huikuan.retry import is_transient
from huikuan.web import messages
from huikuan.web.following import Feeds
from huikuan.web.messages import Close, Ended, Message
from huikuan.web.metrics import EVENTS_STREAMED
from huikuan.web.operations import Caller, NotNow, Operations, Subscribed
from huikuan.web.threads import Busy, Threads, finished

__all__ = ["Connection", "Shared"]

log = structlog.get_logger("huikuan.web.socket")
T = TypeVar("T")
AT_ONCE = 20
"""Events of a stream that are read from one snapshot."""
CHECK_SECONDS = 5.0
"""After so long without an event it is asked anew whether the caller may still be here."""
PAUSE_SECONDS = 0.5
PARSED_HERE = 16_384
"""Characters of a message that the event loop parses itself; a longer one would hold up everybody else."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What all connections of a server share, and what is asked of each."""

    operations: Operations
    threads: Threads
    feeds: Feeds
    init_seconds: float
    answer_seconds: float
    most_operations: int


class _Gone(Exception):
    """The client is no longer there."""


class Connection:
    """An accepted connection; ``run`` goes on until it has ended, and nothing is done for it any more.

    ``welcome`` is asked about the caller who signed in; what it raises ends the connection. Afterwards ``caller``
    is who was welcome, ``ended`` how it was closed here, ``heard`` the code with which it ended otherwise.
    """

    def __init__(self, shared: Shared, receive: Receive, send: Send, welcome: Callable[[Caller], None]) -> None:
        self._shared = shared
        self._receive = receive
        self._send_event = send
        self._welcome = welcome
        self._checked = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._operating: dict[str, asyncio.Task[None]] = {}
        self.caller: Caller | None = None
        self.operations = 0
        self.ended: Close | None = None
        self.heard: int | None = None

    async def run(self, sign_in: Callable[[Mapping[str, Any]], Caller]) -> None:
        """``sign_in`` makes the caller, on a worker thread, from the payload of connection_init."""
        try:
            await self._begin(sign_in)
            while True:
                await self._hear(await self._message())
        except Ended as end:
            await self.close(end.why)
        except _Gone:
            pass
        finally:
            await self._wind_up()

    async def close(self, why: Close) -> None:
        """Close the connection; what `run` receives next is its end."""
        if self.ended is None:
            self.ended = why
            try:
                await self._say({"type": "websocket.close", "code": why.code, "reason": why.reason})
            except _Gone:
                pass

    # --- the caller --------------------------------------------------------------------------

    async def _begin(self, sign_in: Callable[[Mapping[str, Any]], Caller]) -> None:
        try:
            async with asyncio.timeout(self._shared.init_seconds):
                while (message := await self._message()).type != "connection_init":
                    if message.type == "subscribe":
                        raise Ended(messages.NOT_ACKNOWLEDGED)
                    await self._hear(message)
                caller = await self._signed_in(partial(sign_in, message.payload))
        except TimeoutError:
            raise Ended(messages.INIT_TIMEOUT) from None
        self._welcome(caller)
        self.caller = caller
        self._note_check()
        await self._text(messages.ACK)
        self._start(partial(self._watch, caller))

    async def _signed_in(self, sign_in: Callable[[], Caller]) -> Caller:
        try:
            return await self._shared.threads.run_behind(sign_in)
        except Unauthenticated as problem:
            raise Ended(Close(4403, problem.message)) from None
        except Exception as problem:
            if _may_pass(problem):
                raise Ended(messages.BUSY) from None
            log.error("a WebSocket's caller could not be signed in", exc_info=problem)
            raise Ended(messages.FAILED) from None

    async def _watch(self, caller: Caller) -> None:
        """Ask, when no event has asked lately, whether the caller may still be here."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(max(0.0, self._checked + CHECK_SECONDS - loop.time()))
            if loop.time() >= self._checked + CHECK_SECONDS:
                await self._patiently(
                    lambda: self._shared.threads.run_behind(partial(self._shared.operations.check, caller))
                )
                self._note_check()

    def _note_check(self) -> None:
        self._checked = asyncio.get_running_loop().time()

    # --- messages ----------------------------------------------------------------------------

    async def _message(self) -> Message:
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            self.heard = event.get("code")
            raise _Gone
        text = event.get("text")
        if text is None:
            raise Ended(Close(4400, "A message is text, not bytes."))
        if len(text) < PARSED_HERE:
            return messages.read(text)
        return await anyio.to_thread.run_sync(messages.read, text)

    async def _hear(self, message: Message) -> None:
        match message.type:
            case "ping":
                await self._text(messages.pong(message.payload))
            case "connection_init":
                raise Ended(messages.TOO_MANY_INITS)
            case "complete":
                if (task := self._operating.pop(message.id, None)) is not None:
                    task.cancel()
            case "subscribe":
                await self._subscribe(message)

    async def _subscribe(self, message: Message) -> None:
        assert self.caller is not None
        if message.id in self._operating:
            raise Ended(Close(4409, f"Subscriber for {message.id} already exists"))
        try:
            asked = read_parameters(message.payload)
        except WireError as problem:
            raise Ended(Close(4400, problem.message)) from None
        # What the client has completed may go on for a while in its thread, and is bounded too.
        most = self._shared.most_operations
        if len(self._operating) >= most or len(self._tasks) > 2 * most:
            text = f"There are {most} operations on this connection already; end one first."
            await self._text(messages.error(message.id, [_problem("LIMIT_EXCEEDED", text)]))
            return
        self.operations += 1
        self._operating[message.id] = self._start(partial(self._operate, self.caller, message.id, asked))

    async def _text(self, text: str) -> None:
        await self._say({"type": "websocket.send", "text": text})

    async def _say(self, event: Event) -> None:
        try:
            await self._send_event(event)
        except OSError:  # what servers raise when nobody is there any more
            raise _Gone from None

    # --- operations --------------------------------------------------------------------------

    def _start(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._ending_all(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _ending_all(self, work: Callable[[], Awaitable[None]]) -> None:
        """What ends the connection, wherever it comes to light."""
        try:
            await work()
        except Ended as end:
            await self.close(end.why)
        except Unauthenticated as problem:
            await self.close(Close(4403, problem.message))
        except _Gone:
            pass
        except Exception as problem:
            log.error("a WebSocket failed", exc_info=problem)
            await self.close(messages.FAILED)

    async def _operate(self, caller: Caller, id: str, asked: GraphQLRequest) -> None:
        try:
            begun = await self._begun(caller, id, asked)
            if isinstance(begun, Subscribed):
                await self._follow(caller, begun)
            for text in begun if isinstance(begun, list) else ():
                await self._text(text)
        except (Ended, Unauthenticated, _Gone):
            raise
        except Busy:
            text = "The server is busy; nothing was done. Send the operation again in a moment."
            await self._text(messages.error(id, [_problem("OVERLOADED", text)]))
        except Exception as problem:
            await self._text(messages.error(id, [self._shared.operations.describe(caller, problem)]))
        finally:
            if self._operating.get(id) is asyncio.current_task():
                del self._operating[id]

    async def _begun(self, caller: Caller, id: str, asked: GraphQLRequest) -> Subscribed | list[str]:
        """The beginning of an operation; who waits too long is told so, while its work goes on."""
        work = partial(self._shared.operations.begin, caller, id, asked)
        seconds = self._shared.answer_seconds
        # More patient than a request: many clients connect again at once, and one error ends a subscription.
        task = asyncio.ensure_future(self._shared.threads.run(work, patience=seconds / 2))
        try:
            done, _ = await asyncio.wait([task], timeout=seconds)
            if done:
                self._note_check()
                return task.result()
            text = (
                "This takes too long; the server goes on with it. Ask for its result by sending it again with the same "
                "idempotencyKey, or ask for less."
            )
            await self._text(messages.error(id, [_problem("TIMEOUT", text)]))
            await asyncio.wait([task])
            return []
        finally:
            await finished(task)

    async def _follow(self, caller: Caller, subscribed: Subscribed) -> None:
        stream = subscribed.opened.stream
        position, types = stream.after, stream.types
        async with self._shared.feeds.follow(caller.scope.tenant.id) as feed:
            while True:
                events, reached = await self._patiently(partial(feed.after, position, types, AT_ONCE))
                if events:
                    show = partial(self._shared.operations.show, caller, subscribed, events)
                    for text in await self._patiently(partial(self._shared.threads.run_behind, show)):
                        await self._text(text)
                    self._note_check()
                    EVENTS_STREAMED.inc(len(events))
                position = reached

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer, as soon as the database can be asked for it."""
        while True:
            try:
                return await ask()
            except Exception as problem:
                if not _may_pass(problem):
                    raise
            await asyncio.sleep(PAUSE_SECONDS)

    async def _wind_up(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _may_pass(problem: Exception) -> bool:
    """Whether it says nothing about what was asked, only that the database could not be asked now."""
    return isinstance(problem, NotNow | PoolTimeout) or (isinstance(problem, DBAPIError) and is_transient(problem))


def _problem(code: str, text: str) -> dict[str, Any]:
    return {"message": text, "extensions": {"code": code}}
