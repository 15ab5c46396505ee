"""Streams that fail, shape by shape, of both families.

The client sees the failure, the next route takes over only where it still may, and the log agrees."""

import json

import openai
import pytest
from support import chat
from support.client import Answer
from support.stream_families import FAMILIES, HALF, SECRET_WORDS, frames, is_complete, text
from support.stream_setting import Setting, model
from support.stream_shapes import CASES, SHAPES, STATUS


def check_failure(answer: Answer, is_closed: bool, name: str, family: str) -> None:
    """The last event of the stream reports the failure; the events before are exactly those of the provider."""
    shape = SHAPES[name]
    assert answer.status == 200 and answer.header("content-type").startswith("text/event-stream"), answer
    last_name, last = frames(answer)[-1]
    error = json.loads(last)["error"]
    assert error["code"] == shape.code and error["request_id"] == answer.header("x-request-id"), error
    if family == "responses":
        told = json.loads(last)
        assert (last_name, told["type"], told["code"]) == ("error", "error", shape.code)
    assert not any(data == "[DONE]" or named == "response.completed" for named, data in frames(answer))
    assert text(answer, family) == (HALF if shape.came == "content" else "")
    assert SECRET_WORDS.encode() not in answer.body
    assert is_closed, "the connection stays open after a stream that failed"


@pytest.mark.parametrize(("name", "family"), CASES)
def test_with_one_route(lone: Setting, name: str, family: str) -> None:
    shape = SHAPES[name]
    answer, is_closed = lone.ask(name, family)
    if shape.code is None:
        assert is_complete(answer, family) and text(answer, family) == HALF
    elif shape.came == "nothing":
        chat.check_error(answer, STATUS[shape.code], shape.code)
        assert SECRET_WORDS.encode() not in answer.body
    else:
        check_failure(answer, is_closed, name, family)
    assert (answer.header("x-gateway-attempts"), lone.counts()) == ("1", (1, 0))
    lone.check_log(answer, error=shape.code, attempts=1, provider="flaky", route=f"{model(name, family)}/1")


@pytest.mark.parametrize(("name", "family"), CASES)
def test_with_a_healthy_second_route(pair: Setting, name: str, family: str) -> None:
    shape = SHAPES[name]
    answer, is_closed = pair.ask(name, family)
    position = 2 if shape.next else 1
    code = None if shape.next else shape.code
    if shape.next:
        assert answer.status == 200 and is_complete(answer, family)
        assert text(answer, family) == FAMILIES[family].good_text
        assert HALF.encode() not in answer.body and SECRET_WORDS.encode() not in answer.body
        assert {model(name, family)} == models(answer)
    elif shape.code is None:
        assert is_complete(answer, family) and text(answer, family) == HALF
    elif shape.came == "content":
        check_failure(answer, is_closed, name, family)
    else:
        chat.check_error(answer, STATUS[shape.code], shape.code)
    assert pair.counts() == (1, position - 1)
    identifier = f"{model(name, family)}/{position}"
    assert (answer.header("x-gateway-attempts"), answer.header("x-gateway-route")) == (str(position), identifier)
    provider = "good" if shape.next else "flaky"
    pair.check_log(answer, error=code, attempts=position, provider=provider, route=identifier)


def models(answer: Answer) -> set[str]:
    """The models that the frames name."""
    said = (json.loads(data) for _, data in frames(answer) if data != "[DONE]")
    return {found for document in said if (found := document.get("response", document).get("model"))}


@pytest.mark.parametrize(("name", "family"), [case for case in CASES if SHAPES[case[0]].code])
def test_the_sdk_raises(lone: Setting, name: str, family: str) -> None:
    shape, heard = SHAPES[name], []
    lone.begin(name, family)
    with pytest.raises(openai.APIError) as caught:
        heard.extend(FAMILIES[family].hear(lone.sdk, model(name, family)))
    assert "".join(heard) == (HALF if shape.came == "content" else "")
    assert caught.value.code == shape.code and SECRET_WORDS not in caught.value.message
    assert isinstance(caught.value, openai.InternalServerError) == (shape.came == "nothing")


@pytest.mark.parametrize(("name", "family"), [case for case in CASES if SHAPES[case[0]].next])
def test_the_sdk_does_not_notice_that_the_next_route_took_over(pair: Setting, name: str, family: str) -> None:
    pair.begin(name, family)
    assert "".join(FAMILIES[family].hear(pair.sdk, model(name, family))) == FAMILIES[family].good_text
    assert pair.counts() == (1, 1)
