"""Compares the built-in price list with those of genai-prices and litellm, and writes docs/price-sources.md.

Only base rates of input and output, for the providers that all three lists have: what differs there is worth a look at
the provider's own page."""

import json
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).parents[2]
# models.dev's name: genai-prices' name, litellm's `litellm_provider` values and prefix of ids.
PROVIDERS = {
    "anthropic": ("anthropic", {"anthropic"}, ""),
    "deepseek": ("deepseek", {"deepseek"}, "deepseek/"),
    "google": ("google", {"gemini"}, "gemini/"),
    "groq": ("groq", {"groq"}, "groq/"),
    "mistral": ("mistral", {"mistral"}, "mistral/"),
    "openai": ("openai", {"openai"}, ""),
    "xai": ("x-ai", {"xai"}, "xai/"),
}
Rates = tuple[Decimal, Decimal]


def ours() -> dict[str, dict[str, Rates]]:
    text = (ROOT / "Sources/PriceData/models-dev.json").read_text()
    found: dict[str, dict[str, Rates]] = {}
    for provider, value in json.loads(text, parse_float=Decimal, parse_int=Decimal).items():
        for model, entry in value["models"].items():
            cost = entry.get("cost", {})
            if cost.get("input") or cost.get("output"):
                found.setdefault(provider, {})[model] = (Decimal(cost["input"]), Decimal(cost["output"]))
    return found


def litellm(downloads: Path) -> dict[str, dict[str, Rates]]:
    [wheel] = downloads.glob("litellm-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("litellm/model_prices_and_context_window_backup.json").decode()
    entries = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    found: dict[str, dict[str, Rates]] = {}
    for name, (_, kinds, prefix) in PROVIDERS.items():
        for model, entry in entries.items():
            rates = (entry.get("input_cost_per_token"), entry.get("output_cost_per_token"))
            if entry.get("litellm_provider") in kinds and None not in rates:
                found.setdefault(name, {})[model.removeprefix(prefix)] = (rates[0] * 10**6, rates[1] * 10**6)
    return found


def genai(downloads: Path) -> dict[str, dict[str, Rates]]:
    [wheel] = downloads.glob("genai_prices-*.whl")
    sys.path.insert(0, str(wheel))
    from genai_prices.data import providers

    found: dict[str, dict[str, Rates]] = {}
    names = {theirs: name for name, (theirs, _, _) in PROVIDERS.items()}
    for provider in providers:
        for model in provider.models if provider.id in names else []:
            prices = model.prices if not isinstance(model.prices, list) else model.prices[-1].prices
            rates = [getattr(rate, "base", rate) for rate in (prices.input_mtok, prices.output_mtok)]
            if None not in rates:
                found.setdefault(names[provider.id], {})[model.id] = (Decimal(rates[0]), Decimal(rates[1]))
    return found


def main(downloads: Path) -> None:
    others = {"genai-prices": genai(downloads), "litellm": litellm(downloads)}
    names = (wheel.name.split("-") for wheel in downloads.glob("*.whl"))
    versions = {name[0].replace("_", "-"): name[1] for name in names}
    mine, rows, compared, agreed = ours(), [], 0, 0
    for provider in PROVIDERS:
        for model, rates in sorted(mine.get(provider, {}).items()):
            for name, lists in others.items():
                theirs = lists.get(provider, {}).get(model)
                if theirs is None:
                    continue
                compared += 1
                if all(abs(a - b) <= Decimal("0.0005") * max(a, b) for a, b in zip(rates, theirs, strict=True)):
                    agreed += 1
                else:
                    rows.append((provider, model, show(rates), name, show(theirs)))
    source = (ROOT / "Sources/PriceData/source.txt").read_text()
    lines = [
        "# Sources of prices",
        "",
        f"The built-in price list is {source}, MIT licence. `script/prices` fetches it, `script/prices compare` wrote "
        "this page.",
        "",
        f"Compared with genai-prices {versions['genai-prices']} and litellm {versions['litellm']}: {compared} prices "
        f"of models of {', '.join(PROVIDERS)}; {agreed} agree, {len(rows)} do not. Dollars per million tokens, input / "
        "output, base rates only.",
        "Where they disagree, look at the provider's page, and set a route's `pricing` if the built-in price is wrong.",
        "",
        "| provider | model | built in | other list | other price |",
        "| --- | --- | --- | --- | --- |",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    (ROOT / "docs/price-sources.md").write_text("\n".join(lines) + "\n")
    print(f"{compared} compared, {agreed} agree: docs/price-sources.md")


def show(rates: Rates) -> str:
    return " / ".join(f"{rate.normalize():f}" for rate in rates)


main(Path(sys.argv[1]))
