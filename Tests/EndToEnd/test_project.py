"""The project's files agree with each other."""

import re
import subprocess
from pathlib import Path

import pytest
import tomllib

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
SCRIPTS = [path for path in [*ROOT.glob("script/*"), ROOT / ".ci/run"] if path.is_file()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    missing = [target for target in targets if "://" not in target and not (page.parent / target).exists()]
    assert missing == []


def test_every_task_of_mise_names_a_script() -> None:
    tasks = tomllib.loads((ROOT / "mise.toml").read_text())["tasks"]
    for name, task in tasks.items():
        script = ROOT / task["run"].split()[0]
        assert script.is_file() and script.stat().st_mode & 0o111, f"{name}: {task['run']}"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_are_well_formed(script: Path) -> None:
    done = subprocess.run(["bash", "-n", script], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, done.stderr


def test_setup_has_nothing_to_do_a_second_time() -> None:
    done = subprocess.run([ROOT / "script/setup"], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "==> ready to test\n")
