"""The price list on the command line."""

import json

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
