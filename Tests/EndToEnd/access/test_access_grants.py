"""Access to models: grants of keys, allowlists of teams and users."""

import pytest
from support import chat
from support.access import CALLERS, MODELS, ask, key_of
from support.chat import check_error
from support.gateway import Gateway
from support.upstream import FakeUpstream


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", CALLERS)
def test_a_model_is_for_callers_whose_lists_all_allow_it(
    gateway: Gateway, upstream: FakeUpstream, name: str, model: str
) -> None:
    key, refusal = key_of(gateway, name), CALLERS[name].refusal(model)
    answer = ask(gateway, key, model)
    one = gateway.get(f"/v1/models/{model}", chat.headers(key))
    if refusal is None:
        assert (answer.status, one.status) == (200, 200), answer
        assert (answer.json()["model"], one.json()["id"]) == (model, model)
        return
    for refused in (answer, one):
        error = check_error(refused, 403, "model_not_allowed")
        message = error["message"].lower()
        assert refusal.lower() in message and f"`{model}`" in message, error
        # The message names the first list that refuses, and no other.
        assert sum(words in message for words in ("grants", "the team", "the user")) == 1, error
        assert error["param"] == "model"
    assert upstream.requests == []


@pytest.mark.parametrize("name", CALLERS)
def test_the_list_has_what_may_be_asked_for(gateway: Gateway, name: str) -> None:
    answer = gateway.get("/v1/models", chat.headers(key_of(gateway, name)))
    assert answer.status == 200
    visible = [model for model in MODELS if CALLERS[name].refusal(model) is None]
    assert [model["id"] for model in answer.json()["data"]] == visible


@pytest.mark.parametrize("name", ["everything", "granted", "threelimits"])
@pytest.mark.parametrize("model", ["no-such-model", "Chat", "chat ", "upstream-model-2026-01-01", ""])
def test_an_unknown_model_is_not_found(gateway: Gateway, upstream: FakeUpstream, name: str, model: str) -> None:
    """Also for callers with other grants: an unknown name is not a secret."""
    answer = ask(gateway, key_of(gateway, name), model)
    if model:
        assert f"`{model}`" in check_error(answer, 404, "model_not_found")["message"]
    else:
        assert answer.status in (400, 404)
    assert upstream.requests == []
