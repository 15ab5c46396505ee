"""How long fuzzing runs, from which seed, and what is kept of an input that finds something."""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

# Each found something once, or covers what has to be covered; the small form runs these.
KEPT_SEEDS = (1, 2, 12, 2026)
MAX_GROWTH_MIB = 80


def rounds(full: bool, small: int) -> Iterator[random.Random]:
    """A source of chance for each round: `small` rounds from each kept seed, or 15 minutes from the time as seed.

    FUZZ_SEED repeats a run, FUZZ_SECONDS makes it shorter or longer."""
    if not full:
        for seed in KEPT_SEEDS:
            chance = random.Random(seed)
            for _ in range(small):
                yield chance
        return
    seed = int(os.environ.get("FUZZ_SEED", time.time_ns()))
    end = time.monotonic() + float(os.environ.get("FUZZ_SECONDS", 900))
    print(f"FUZZ_SEED={seed}", flush=True)
    chance, count = random.Random(seed), 0
    while time.monotonic() < end:
        yield chance
        count += 1
    print(f"{count} rounds", flush=True)


def keep(folder: Path, name: str, data: str | bytes) -> Path:
    """Where the input stands that failed."""
    path = Path(os.environ.get("FUZZ_KEEP", folder)) / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    return path
