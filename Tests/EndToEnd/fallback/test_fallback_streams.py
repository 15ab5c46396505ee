"""A stream that fails: the next route takes over before the first content, and none afterwards."""

from collections.abc import Iterator

import openai
import pytest
from support import answers, chat
from support.failure_shapes import SECRET_WORDS, failure
from support.fallback import Setting, check_good

ROLE = answers.event(answers.chunk({"role": "assistant", "content": ""}))
WORD = answers.event(answers.chunk({"content": "half an"}))
ERROR = b'data: {"error":{"message":"%s"}}\n\n' % SECRET_WORDS.encode()
BARREN = {
    "nothing": answers.stream([]),
    "nothing, and a cut": answers.stream([], terminated=False),
    "a comment, and a cut": answers.stream([b": hello\n\n"], terminated=False),
    "the role, and a cut": answers.stream([ROLE], terminated=False),
    "the role, and the end": answers.stream([ROLE]),
    "the role, and [DONE]": answers.stream([ROLE, answers.DONE]),
    "an error": answers.stream([ERROR]),
    "the role, and an error": answers.stream([ROLE, ERROR]),
    "no JSON": answers.stream([b"data: {oops\n\n"]),
    "the role, and no JSON": answers.stream([ROLE, b"data: <html>\n\n"]),
    "an invalid chunk": answers.raw(answers.STREAM_HEAD + b"%x\r\n%s\r\n" % (len(ROLE), ROLE) + b"xyz\r\n"),
}


@pytest.mark.parametrize("how", BARREN)
def test_a_stream_that_fails_before_its_first_content(setting: Setting, how: str) -> None:
    setting.fleet.reset(flaky=BARREN[how])
    model = next(setting.fresh)
    answer = chat.ask(setting.gateway, setting.key, chat.body(model, stream=True))
    check_good(answer, "stream")
    assert setting.fleet.counts() == {"flaky": 1, "good": 1, "breaking": 0}
    assert {document["model"] for document in chat.documents(answer)} == {model}


CONTENT = {
    "a word": WORD,
    "reasoning": answers.event(answers.chunk({"reasoning_content": "let me see"})),
    "a refusal": answers.event(answers.chunk({"refusal": "I can't"})),
    "a tool call": answers.event(
        answers.chunk(
            {"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}]}
        )
    ),
}
ENDS = {
    "a cut": lambda events: answers.stream(events, terminated=False),
    "an error": lambda events: answers.stream([*events, ERROR]),
    "the end": answers.stream,
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("content", CONTENT)
def test_a_stream_that_fails_after_its_first_content(setting: Setting, content: str, end: str) -> None:
    setting.fleet.reset(flaky=ENDS[end]([ROLE, CONTENT[content]]))
    answer = chat.ask(setting.gateway, setting.key, chat.body(next(setting.fresh), stream=True))
    assert (answer.status, answer.header("x-gateway-provider")) == (200, "flaky")
    error = chat.last_error(answer)
    assert error["code"] == ("upstream_error" if end == "an error" else "upstream_stream_truncated")
    assert SECRET_WORDS.encode() not in answer.body
    assert len(chat.documents(answer)) == 3, "the content that was sent stays"
    assert setting.fleet.counts() == {"flaky": 1, "good": 0, "breaking": 0}


def test_a_long_beginning_is_not_held_back(setting: Setting) -> None:
    """The gateway sends more than 64 KiB without content; then no fallback is possible."""
    long = answers.event(answers.chunk({"role": "assistant", "content": ""}, padding="x" * 20_000))
    setting.fleet.reset(flaky=answers.stream([long] * 5, terminated=False))
    answer = chat.ask(setting.gateway, setting.key, chat.body(next(setting.fresh), stream=True))
    assert answer.header("x-gateway-provider") == "flaky"
    chat.check_truncated(answer)
    assert setting.fleet.counts()["good"] == 0


def test_a_beginning_that_is_silent_is_held_back_and_then_given_up(setting: Setting) -> None:
    """A stream that stalls before its content was accepted and may be billed: no second attempt."""
    setting.fleet.reset(flaky=answers.stall_after([ROLE]))
    with chat.begin(setting.gateway, setting.key, chat.body(next(setting.fresh), stream=True), timeout=0.6) as client:
        setting.fleet["flaky"].wait_for_request()
        with pytest.raises(TimeoutError):
            client.read_head()
    assert setting.fleet["flaky"].requests[0].left.wait(5)
    assert setting.fleet.counts()["good"] == 0


@pytest.fixture(scope="module")
def sdk(setting: Setting) -> Iterator[openai.OpenAI]:
    url = f"{setting.gateway.url}/v1"
    with openai.OpenAI(base_url=url, api_key=setting.key.text, max_retries=0, timeout=20) as client:
        yield client


def words(sdk: openai.OpenAI, model: str) -> Iterator[str]:
    for chunk in sdk.chat.completions.create(model=model, messages=chat.MESSAGES, stream=True):
        yield from (choice.delta.content or "" for choice in chunk.choices)


@pytest.mark.parametrize("how", ["the role, and a cut", "an error"])
def test_the_sdk_does_not_notice_a_failure_before_the_first_content(
    setting: Setting, sdk: openai.OpenAI, how: str
) -> None:
    setting.fleet.reset(flaky=BARREN[how])
    assert "".join(words(sdk, next(setting.fresh))) == " word0 word1 word2"
    assert setting.fleet.counts() == {"flaky": 1, "good": 1, "breaking": 0}


def test_the_sdk_gets_a_non_streaming_response_from_the_next_route(setting: Setting, sdk: openai.OpenAI) -> None:
    setting.fleet.reset(flaky=failure(503))
    raw = sdk.chat.completions.with_raw_response.create(model=next(setting.fresh), messages=chat.MESSAGES)
    assert raw.parse().choices[0].message.content == "Hello there"
    assert (raw.headers["x-gateway-provider"], raw.headers["x-gateway-attempts"]) == ("good", "2")


@pytest.mark.parametrize("end", ENDS)
def test_the_sdk_raises_a_failure_after_the_first_content(setting: Setting, sdk: openai.OpenAI, end: str) -> None:
    setting.fleet.reset(flaky=ENDS[end]([ROLE, WORD]))
    seen = []
    with pytest.raises(openai.APIError) as caught:
        seen.extend(words(sdk, next(setting.fresh)))
    assert caught.value.code == ("upstream_error" if end == "an error" else "upstream_stream_truncated")
    assert SECRET_WORDS not in caught.value.message
    assert setting.fleet.counts()["good"] == 0
