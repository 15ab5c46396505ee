"""The simulated provider, through the official SDK: every family of the API."""

import openai
import pytest


def test_a_response(sdk: openai.OpenAI) -> None:
    answer = sdk.responses.create(model="simulated", input="Hello", instructions="Be brief.")
    assert answer.output_text.startswith("This is a simulated answer")
    assert (answer.status, answer.model) == ("completed", "simulated")


def test_a_streamed_response(sdk: openai.OpenAI) -> None:
    with sdk.responses.stream(model="simulated", input=[{"role": "user", "content": "Hello"}]) as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        final = stream.get_final_response()
    assert text == final.output_text and text.startswith("This is a simulated answer")
    assert final.usage.total_tokens == final.usage.input_tokens + final.usage.output_tokens


def test_a_function_call(sdk: openai.OpenAI) -> None:
    tool = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}, "strict": False}
    with sdk.responses.stream(model="simulated", input="Hello", tools=[tool], tool_choice="required") as stream:
        final = stream.get_final_response()
    assert [(item.type, item.name, item.arguments) for item in final.output] == [("function_call", "look", "{}")]


def test_embeddings(sdk: openai.OpenAI) -> None:
    one = sdk.embeddings.create(model="simulated", input=["a", "b"], dimensions=16, encoding_format="float")
    # The SDK asks for base64 by itself.
    other = sdk.embeddings.create(model="simulated", input="a", dimensions=16)
    assert other.data[0].embedding == pytest.approx(one.data[0].embedding)
    assert one.data[1].embedding != one.data[0].embedding and len(one.data[1].embedding) == 16
