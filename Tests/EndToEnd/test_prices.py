"""The price list on the command line."""

import json
from collections.abc import Callable

from support import documents
from support.gateway import Gateway


def prices(gateway: Gateway, *arguments: str) -> tuple[int, str, str]:
    done = gateway.command("prices", *arguments)
    return done.returncode, done.stdout, done.stderr


def test_providers_are_listed(gateway: Gateway) -> None:
    code, printed, _ = prices(gateway, "list", "--json")
    assert code == 0 and {"openai", "anthropic", "google-vertex"} <= set(json.loads(printed))


def test_models_of_a_provider_are_listed(gateway: Gateway) -> None:
    code, printed, _ = prices(gateway, "list", "google")
    assert code == 0
    [line] = [line for line in printed.splitlines() if line.startswith("gemini-2.5-pro ")]
    assert line.split()[1:3] == ["1.25", "0.125"]


def test_a_model_is_shown_with_its_tiers(gateway: Gateway) -> None:
    code, printed, _ = prices(gateway, "show", "google", "gemini-2.5-pro", "--json")
    shown = json.loads(printed)
    assert code == 0
    assert [tier.get("above_input_tokens") for tier in shown["rates"]] == [None, 200000]
    assert [tier["rates"]["output_text"] for tier in shown["rates"]] == ["10.00", "15.00"]
    _, text, _ = prices(gateway, "show", "google", "gemini-2.5-pro")
    assert "models.dev" in text and "ABOVE 200000 INPUT TOKENS" in text


def test_what_is_not_in_the_list_is_an_error_with_a_way_on(gateway: Gateway) -> None:
    for arguments, hint in (
        (("list", "absent"), "gateway prices list"),
        (("show", "openai", "none"), "gateway prices list openai"),
    ):
        code, printed, error = prices(gateway, *arguments)
        assert (code, printed) == (2, "") and hint in error


def listed(port: int, identifier: str = "openai", model: str = "gpt-5-mini") -> dict:
    """A gateway with one route whose price is in the list."""
    provider = documents.provider("main", port, pricing_provider_id=identifier)
    models = [{"id": "chat", "routes": [{"provider": "main", "upstream_model": model}]}]
    return {"providers": [provider], "models": models}


def write(gateway: Gateway, document: dict) -> None:
    written = json.loads(gateway.config_path.read_text()) | document
    gateway.config_path.write_text(json.dumps(written, indent=2))


def test_an_unknown_provider_is_an_error_at_every_way_in(make_gateway: Callable[..., Gateway]) -> None:
    gateway = make_gateway(listed(9, "opnai"))
    for command in (["config", "validate"], ["serve"], ["seed-config"]):
        done = gateway.command(*command)
        assert done.returncode == 3, (command, done.stderr)
        assert "providers[0].pricing_provider_id" in done.stderr and 'did you mean "openai"?' in done.stderr
    write(gateway, listed(9))
    gateway.start()
    write(gateway, listed(9, "opnai"))
    done = gateway.command("reload")
    assert done.returncode == 1 and 'did you mean "openai"?' in done.stderr and "Nothing was changed" in done.stderr
    # Other commands are not about prices, and go on.
    assert gateway.command("keys", "list").returncode == 0


def test_a_model_without_a_price_is_a_warning(make_gateway: Callable[..., Gateway]) -> None:
    gateway = make_gateway(listed(9, model="gpt-5-minni"))
    done = gateway.command("config", "validate")
    assert done.returncode == 0 and 'did you mean "gpt-5-mini"?' in done.stderr and "unpriced" in done.stderr
    gateway.start()
    gateway.expect_log("has no price for")
    warned = json.loads(gateway.command("reload", "--json").stdout)["warnings"]
    assert any("gpt-5-minni" in warning for warning in warned), warned


def test_a_route_has_its_price_before_the_first_request(make_gateway: Callable[..., Gateway]) -> None:
    gateway = make_gateway(listed(9)).start()
    rows = gateway.database.query("SELECT pricing_provider_id, upstream_model, effective_until FROM model_pricing")
    assert rows == [("openai", "gpt-5-mini", None)]
    key = gateway.create_key()
    done = gateway.command("explain", "--key", key.public_id, "--model", "chat", "--json")
    price = json.loads(done.stdout)["routes"][0]["price"]
    assert price["status"] == "priced" and price["source"].startswith("models.dev")
