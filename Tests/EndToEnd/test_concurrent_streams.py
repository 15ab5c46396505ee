"""Many streams at once from one upstream host. Small form: 50 of 1 s; full: 200 of 10 s."""

import asyncio
import time

import openai
from support import answers
from support.chat import MESSAGES
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream

PACE = 0.2


async def read_all(url: str, key: str, count: int) -> list[tuple[str, str]]:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=60) as sdk:

        async def read_one() -> tuple[str, str]:
            stream = await sdk.chat.completions.create(model="chat", messages=MESSAGES, stream=True)
            choices = [chunk.choices[0] async for chunk in stream]
            return "".join(choice.delta.content or "" for choice in choices), choices[-1].finish_reason

        return await asyncio.gather(*(read_one() for _ in range(count)))


def test_concurrent_streams(gateway: Gateway, key: Key, upstream: FakeUpstream, full: bool) -> None:
    count, words = (200, 50) if full else (50, 5)
    upstream.behaviour = answers.stream([*answers.words(words), answers.DONE], pace=PACE)
    began, before = time.monotonic(), gateway.memory_mib()
    results = asyncio.run(read_all(gateway.url, key.text, count))
    took, grown = time.monotonic() - began, gateway.memory_mib() - before
    print(f"{count} streams of {words * PACE:g} s at once took {took:.1f} s; resident memory grew by {grown:.1f} MiB")
    assert results == [("".join(f" word{n}" for n in range(words)), "stop")] * count
    # One after the other they would take `count` times as long; in groups of ten, still many times.
    assert took < (words + 2) * PACE + count * 0.1
    assert grown < 64
