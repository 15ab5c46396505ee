"""Finds words that the project does not use (words.txt), and Swift comments wider than 120 columns.

Run by script/lint. `lint: word` in a line's comment allows what that line says: only where the word is right."""

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("words.txt")
FOLDERS = ("Sources", "Tests", "Benchmarks", "docs", "script", ".ci")
SUFFIXES = {".swift", ".py", ".md", ".yaml", ".toml", ".bash", ".txt", ""}
ALLOWED = "lint: word"
COLUMNS = 120


def files() -> Iterator[Path]:
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.suffix in SUFFIXES - {"", ".txt"})
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            hidden = any(part.startswith((".build", "__pycache__")) for part in path.parts)
            if path.is_file() and path.suffix in SUFFIXES and not hidden and path.parent != LIST.parent:
                yield path


def rules() -> list[tuple[str, str]]:
    lines = (line for line in LIST.read_text().splitlines() if line and not line.startswith("#"))
    return [tuple(part.strip() for part in line.split(" => ")) for line in lines]


def expression(rules: list[tuple[str, str]]) -> re.Pattern:
    """One expression for all rules; the group that matches tells which one."""
    groups = (f"(?P<r{number}>{pattern.replace(' ', SPACE)})" for number, (pattern, _) in enumerate(rules))
    return re.compile(rf"(?<!\w)(?:{'|'.join(groups)})(?!\w)", re.IGNORECASE)


SPACE = r"(?:\s|//+|#)+"


def words(path: Path, text: str, wrong: re.Pattern, rules: list[tuple[str, str]]) -> Iterator[str]:
    lines = text.splitlines()
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    for found in wrong.finditer(text):
        number = bisect_right(starts, found.start())
        if ALLOWED not in lines[number - 1]:
            said = re.sub(SPACE, " ", found[0])
            yield f'{path.relative_to(ROOT)}:{number}: "{said}": {rules[int(found.lastgroup[1:])][1]}'


def long_comments(path: Path, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > COLUMNS and line.lstrip().startswith("//") and " " in line.strip()[4:COLUMNS]:
            yield f"{path.relative_to(ROOT)}:{number}: a comment of {len(line)} columns: wrap it at {COLUMNS}"


def main() -> int:
    listed = rules()
    wrong = expression(listed)
    count = 0
    for path in sorted(files()):
        text = path.read_text()
        findings = [*words(path, text, wrong, listed), *(long_comments(path, text) if path.suffix == ".swift" else [])]
        count += len(findings)
        for finding in findings:
            print(finding)
    return 1 if count else 0


sys.exit(main())
