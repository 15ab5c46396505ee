"""`gateway reload`: each kind of change in the file takes effect at once, on every event loop."""

import json

from support import answers
from support.configuration import edit, entry, reload, remove, seeded_key, told
from support.documents import model, provider
from support.gateway import Gateway, Key
from support.reloading import LOOPS, models_listed, statuses, to_routes
from support.upstream import FakeUpstream


def upstream_models(gateway: Gateway, key: Key, upstream: FakeUpstream, name: str) -> set[str]:
    """The upstream models that all event loops request for the model."""
    upstream.reset(answers.ordinary())
    assert statuses(gateway, key, name) == {(200, "fake")}
    return {json.loads(request.body)["model"] for request in upstream.requests}


def test_a_new_model(gateway: Gateway, key: Key) -> None:
    assert statuses(gateway, key, "new") == {(404, "model_not_found")}
    edit(gateway, lambda document: document["models"].append(model("new")))
    assert told(reload(gateway)["seeded"]) == {"models": {"created": ["new"]}}
    assert statuses(gateway, key, "new") == {(200, "fake")}
    assert "new" in models_listed(gateway, key)


def test_a_model_that_is_gone(gateway: Gateway, key: Key) -> None:
    assert statuses(gateway, key, "other") == {(200, "fake")}
    edit(gateway, lambda document: remove(document["models"], "other"))
    reload(gateway)
    assert statuses(gateway, key, "other") == {(404, "model_not_found")}
    assert "other" not in models_listed(gateway, key)


def test_a_route_switched_off_and_on(gateway: Gateway, key: Key) -> None:
    for is_enabled, answered in [(False, (503, "no_route_available")), (True, (200, "fake"))]:
        edit(gateway, to_routes("other", enabled=is_enabled))
        assert told(reload(gateway)["seeded"]) == {"models": {"updated": ["other"]}}
        assert statuses(gateway, key, "other") == {answered}


def test_a_route_to_another_model_upstream(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    assert upstream_models(gateway, key, upstream, "other") == {answers.UPSTREAM_MODEL}
    edit(gateway, to_routes("other", upstream_model="another-model"))
    reload(gateway)
    assert upstream_models(gateway, key, upstream, "other") == {"another-model"}


def test_a_route_to_another_provider(gateway: Gateway, key: Key) -> None:
    assert statuses(gateway, key, "other") == {(200, "fake")}
    edit(gateway, to_routes("other", provider="named-header"))
    reload(gateway)
    assert statuses(gateway, key, "other") == {(200, "named-header")}


def test_an_alias_of_another_model(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    assert upstream_models(gateway, key, upstream, "default") == {answers.UPSTREAM_MODEL}
    edit(
        gateway,
        to_routes("other", upstream_model="another-model"),
        lambda document: entry(document["models"], "default").update(alias_of="other"),
    )
    reload(gateway)
    assert upstream_models(gateway, key, upstream, "default") == {"another-model"}


def test_a_provider_at_another_address(gateway: Gateway, key: Key, upstream: FakeUpstream) -> None:
    other = FakeUpstream(answers.ordinary())
    try:
        assert statuses(gateway, key, "other") == {(200, "fake")}
        count = len(upstream.requests)
        edit(gateway, lambda document: entry(document["providers"], "fake").update(provider("fake", other.port)))
        assert told(reload(gateway)["seeded"]) == {"providers": {"updated": ["fake"]}}
        assert statuses(gateway, key, "other") == {(200, "fake")}
        assert (len(upstream.requests), len(other.requests)) == (count, LOOPS)
    finally:
        other.stop()


def test_a_key_with_fewer_models(gateway: Gateway, key: Key) -> None:
    assert statuses(gateway, key, "other") == {(200, "fake")}
    edit(gateway, lambda document: document["auth"]["seed_api_keys"][0].update(allowed_models=["chat"]))
    assert told(reload(gateway)["seeded"]) == {"keys": {"updated": ["listed"]}}
    assert statuses(gateway, key, "other") == {(403, "model_not_allowed")}
    assert models_listed(gateway, key) == {"chat"}


def test_a_key_with_another_value(gateway: Gateway, key: Key) -> None:
    new = seeded_key(gateway, "reloadskey0002", "n" * 43)
    assert statuses(gateway, key, "other") == {(200, "fake")}
    assert statuses(gateway, new, "other") == {(401, "invalid_api_key")}
    edit(gateway, lambda document: document["auth"]["seed_api_keys"][0].update(value=f"literal.{new.text}"))
    assert told(reload(gateway)["seeded"]) == {"keys": {"created": ["listed"], "replaced": ["listed"]}}
    assert statuses(gateway, new, "other") == {(200, "fake")}
    assert statuses(gateway, key, "other") == {(401, "api_key_revoked")}
