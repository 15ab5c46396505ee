"""A flood of requests with invented keys, over many connections, at a steady rate."""

import asyncio
import random
import threading
import time

from .gateway import Gateway


class Flood:
    """Runs in its own thread until `stop()`. Half of the requests have one and the same invented key."""

    def __init__(self, gateway: Gateway, connections: int, rate: float, seed: int = 1):
        self._port, self._connections, self._rate = gateway.port, connections, rate
        self._random = random.Random(seed)
        self.sent = 0
        self._stopping = threading.Event()
        self._connected = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        assert self._connected.wait(30), "the connections of the flood are open"

    def __enter__(self) -> "Flood":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(30)

    async def _run(self) -> None:
        writers = [await self._connect() for _ in range(self._connections)]
        self._connected.set()
        began = time.monotonic()
        while not self._stopping.is_set():
            due = int((time.monotonic() - began) * self._rate) - self.sent
            for _ in range(due):
                place = self.sent % len(writers)
                if writers[place].is_closing():
                    writers[place] = await self._connect()
                writers[place].write(self._request())
                self.sent += 1
            await asyncio.sleep(0.005)
        for writer in writers:
            writer.close()

    async def _connect(self) -> asyncio.StreamWriter:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        task = asyncio.create_task(self._drain(reader, writer))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return writer

    async def _drain(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.read(1 << 16):
                pass
        finally:
            writer.close()

    def _request(self) -> bytes:
        number = self._random.getrandbits(64) if self.sent % 2 else 0
        key = f"gwk_invented{number:020d}.{'x' * 43}"
        return f"GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
