"""Each cause of failure raises the SDK's exception class that users expect."""

import openai
import pytest
from support import answers
from support.chat import MESSAGES
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream


def ask(sdk: openai.OpenAI, model: str = "chat", **fields):
    return sdk.chat.completions.create(model=model, messages=MESSAGES, **fields)


def upstream_error(status: int, message: str = "upstream says no") -> answers.Behaviour:
    return answers.whole({"error": {"message": message, "type": "x", "code": "y", "param": None}}, status)


def test_a_wrong_key(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        ask(sdk.with_options(api_key="gwk_0123456789abcdef.wrong"))
    assert caught.value.code == "invalid_api_key"
    assert caught.value.request_id


def test_an_unknown_model(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        ask(sdk, "no-such-model")
    assert caught.value.code == "model_not_found"
    assert "no-such-model" in caught.value.message
    with pytest.raises(openai.NotFoundError):
        sdk.models.retrieve("no/such/model")


def test_a_request_that_makes_no_sense(sdk: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(sdk, extra_body={"stream": "perhaps"})
    assert (caught.value.code, caught.value.param) == ("invalid_request", "stream")


@pytest.mark.parametrize(("status", "error"), [(400, openai.BadRequestError), (422, openai.UnprocessableEntityError)])
def test_the_upstreams_error_about_a_bad_request_is_forwarded(
    sdk: openai.OpenAI, upstream: FakeUpstream, status: int, error: type[openai.APIStatusError]
) -> None:
    upstream.behaviour = upstream_error(status, "temperature must be at most 2")
    with pytest.raises(error) as caught:
        ask(sdk)
    assert "temperature must be at most 2" in caught.value.message
    assert (caught.value.type, caught.value.code) == ("x", "y"), "the provider's, which clients act upon"
    assert len(upstream.requests) == 1


def test_a_failure_that_a_retry_cannot_change_is_not_retried(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    """The provider lacks the model: the SDK's two retries would change nothing."""
    upstream.behaviour = upstream_error(404)
    with pytest.raises(openai.InternalServerError) as caught:
        ask(sdk.with_options(max_retries=2))
    assert caught.value.response.headers["x-should-retry"] == "false"
    assert len(upstream.requests) == 1


def test_an_empty_account_is_asked_once(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    error = {"message": "You exceeded your current quota.", "type": "insufficient_quota", "code": "insufficient_quota"}
    upstream.behaviour = answers.whole({"error": error}, 429)
    with pytest.raises(openai.RateLimitError) as caught:
        ask(sdk.with_options(max_retries=2))
    assert caught.value.code == "insufficient_quota"
    assert len(upstream.requests) == 1


def test_a_model_outside_the_grant(sdk: openai.OpenAI, gateway: Gateway) -> None:
    narrow = sdk.with_options(api_key=gateway.create_key("narrow", models="chat").text)
    assert [model.id for model in narrow.models.list()] == ["chat"]
    with pytest.raises(openai.PermissionDeniedError) as caught:
        ask(narrow, "other")
    assert caught.value.code == "model_not_allowed"
    assert "key" in caught.value.message
    with pytest.raises(openai.PermissionDeniedError):
        ask(narrow, "default")


def test_an_upstream_rate_limit(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.whole({"error": {"message": "slow down"}}, 429, headers=[("Retry-After", "7")])
    with pytest.raises(openai.RateLimitError) as caught:
        ask(sdk)
    assert caught.value.code == "upstream_rate_limited"
    assert caught.value.response.headers["retry-after"] == "7"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", [402, 404, 500, 503, 529])
def test_an_upstream_failure(sdk: openai.OpenAI, upstream: FakeUpstream, status: int, stream: bool) -> None:
    upstream.behaviour = upstream_error(status, "secret detail of the upstream")
    with pytest.raises(openai.InternalServerError) as caught:
        ask(sdk, stream=stream)
    assert (caught.value.status_code, caught.value.code) == (502, "upstream_error")
    assert "secret detail" not in caught.value.message


@pytest.mark.parametrize("status", [401, 403])
def test_rejected_credentials_are_not_the_callers(sdk: openai.OpenAI, upstream: FakeUpstream, status: int) -> None:
    upstream.behaviour = upstream_error(status, "Incorrect API key provided: sk-1234")
    with pytest.raises(openai.InternalServerError) as caught:
        ask(sdk)
    assert (caught.value.status_code, caught.value.code) == (502, "upstream_rejected_credentials")
    assert "sk-1234" not in caught.value.message


@pytest.mark.parametrize("model", ["disabled", "unset"])
def test_a_model_without_a_usable_route(sdk: openai.OpenAI, model: str) -> None:
    reasons = {"disabled": "disabled", "unset": "provider_credentials_missing"}
    with pytest.raises(openai.InternalServerError) as caught:
        ask(sdk, model)
    assert (caught.value.status_code, caught.value.code) == (503, "no_route_available")
    assert reasons[model] in caught.value.message


def test_a_truncated_stream(sdk: openai.OpenAI, upstream: FakeUpstream) -> None:
    upstream.behaviour = answers.stream(answers.words()[:2], terminated=False)
    words = []
    with pytest.raises(openai.APIError) as caught:
        words.extend(chunk.choices[0].delta.content for chunk in ask(sdk, stream=True))
    assert words == ["", " word0"]
    assert caught.value.code == "upstream_stream_truncated"


def test_an_unreachable_gateway_is_told_apart(sdk: openai.OpenAI, upstream: FakeUpstream, key: Key) -> None:
    """The SDK retries a 5xx by itself; with its own default it must still end in the gateway's error."""
    upstream.behaviour = upstream_error(500)
    with pytest.raises(openai.InternalServerError):
        ask(sdk.with_options(max_retries=1))
    assert len(upstream.requests) == 2, "the SDK's own retry, none of the gateway's in this release"
