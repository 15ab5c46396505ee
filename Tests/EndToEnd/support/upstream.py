"""A fake upstream on raw sockets: a test sets its behaviour, and reads the received requests and disconnects."""

import asyncio
import ssl
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from . import wait


class Gone(Exception):
    """The client closed its connection during the answer."""


@dataclass
class Received:
    """One received request."""

    head: bytes
    body: bytes
    arrived_at: float
    left: threading.Event = field(default_factory=threading.Event)
    left_at: float | None = None
    answered: threading.Event = field(default_factory=threading.Event)

    @property
    def target(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = (line.split(":", 1) for line in lines if line)
        return [(name.lower(), value.strip()) for name, value in pairs]

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


class Call:
    """The answer to one request; every `send` waits until the client accepts the bytes."""

    def __init__(self, connection: "Connection", request: Received):
        self._connection = connection
        self.request = request

    async def send(self, data: bytes) -> None:
        if self._connection.gone.is_set():
            raise Gone
        self._connection.transport.write(data)
        await self._connection.writable.wait()

    async def chunk(self, data: bytes) -> None:
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def until_gone(self) -> None:
        await self._connection.gone.wait()
        raise Gone

    def close(self) -> None:
        """Ends the connection in the ordinary way (FIN)."""
        self._connection.transport.close()

    def reset(self) -> None:
        """Ends the connection at once (RST or FIN, whatever is pending is dropped)."""
        self._connection.transport.abort()


Behaviour = Callable[[Call], Awaitable[None]]


class Connection(asyncio.Protocol):
    def __init__(self, upstream: "FakeUpstream"):
        self.upstream = upstream
        self.buffer = bytearray()
        self.arrived, self.gone, self.writable = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.writable.set()
        self.current: Received | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.upstream.connections += 1
        self.task = asyncio.get_running_loop().create_task(self.serve())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.arrived.set()

    def eof_received(self) -> None:
        self.ended()

    def connection_lost(self, _: Exception | None) -> None:
        self.ended()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def ended(self) -> None:
        if self.current and not self.gone.is_set():
            self.current.left_at = time.monotonic()
            self.current.left.set()
        self.gone.set()
        self.arrived.set()
        self.writable.set()

    async def serve(self) -> None:
        try:
            while not self.transport.is_closing():
                request = await self.read()
                self.current = request
                self.upstream.received(request)
                await self.upstream.behaviour(Call(self, request))
                self.current = None
                request.answered.set()
        except Gone:
            pass

    async def read(self) -> Received:
        head = await self.take_through(b"\r\n\r\n")
        arrived_at = time.monotonic()
        request = Received(head[:-2], b"", arrived_at)
        if (length := request.header("content-length")) is not None:
            request.body = await self.take(int(length))
        elif "chunked" in (request.header("transfer-encoding") or ""):
            while size := int(await self.take_through(b"\r\n"), 16):
                request.body += (await self.take(size + 2))[:-2]
            await self.take_through(b"\r\n")
        return request

    async def take_through(self, mark: bytes) -> bytes:
        while (end := self.buffer.find(mark)) < 0:
            await self.more()
        return await self.take(end + len(mark))

    async def take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            await self.more()
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    async def more(self) -> None:
        if self.gone.is_set():
            raise Gone
        self.arrived.clear()
        await self.arrived.wait()


class FakeUpstream:
    """Serves in its own thread until `stop()`. `behaviour` answers every request from now on."""

    def __init__(self, behaviour: Behaviour, context: ssl.SSLContext | None = None):
        self.behaviour = behaviour
        self.requests: list[Received] = []
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(self._listen(context))
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def _listen(self, context: ssl.SSLContext | None) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: Connection(self), "127.0.0.1", 0, ssl=context, backlog=1024)

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def received(self, request: Received) -> None:
        self.requests.append(request)

    def wait_for_request(self, count: int = 1) -> Received:
        """The `count`-th request since the last reset, waiting for it."""
        wait.until(lambda: len(self.requests) >= count, "the upstream gets its request")
        return self.requests[count - 1]

    def reset(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.requests = []

    def stop(self) -> None:
        async def close() -> None:
            self._server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()

        self._run(close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
