"""What a reload reports, and which secrets it reads again."""

import re
from pathlib import Path

from support import answers, documents
from support.configuration import edit, reload, remove, seeded_key, told
from support.documents import model, provider
from support.gateway import Gateway, Key
from support.reloading import KEY, statuses, to_routes
from support.upstream import FakeUpstream


def test_the_report_as_json(gateway: Gateway) -> None:
    before = reload(gateway)
    assert set(before) == {"configuration_hash", "seeded", "warnings", "need_restart"}
    assert re.fullmatch(r"[0-9a-f]{64}", before["configuration_hash"])
    assert any("THIS_VARIABLE_IS_NOT_SET" in warning for warning in before["warnings"])
    edit(
        gateway,
        lambda document: remove(document["models"], "other"),
        lambda document: document["models"].append(model("new")),
        to_routes("chat", weight=2),
    )
    after = reload(gateway)
    assert after["configuration_hash"] != before["configuration_hash"]
    assert told(after["seeded"]) == {"models": {"created": ["new"], "retired": ["other"], "updated": ["chat"]}}
    assert after["need_restart"] == []


def test_settings_that_need_a_restart_are_reported(gateway: Gateway, key: Key) -> None:
    edit(
        gateway,
        lambda document: document["server"].update(bind="127.0.0.1:1"),
        lambda document: document.update(routing={"deadline_ms": 5000}),
        lambda document: document["auth"].update(max_staleness_seconds=5),
        lambda document: document["models"].append(model("new")),
    )
    assert reload(gateway)["need_restart"] == ["auth.max_staleness_seconds", "routing", "server"]
    assert statuses(gateway, key, "new") == {(200, "fake")}, "the rest takes effect"


def test_the_report_in_words(gateway: Gateway) -> None:
    edit(
        gateway,
        lambda document: document["server"].update(bind="127.0.0.1:1"),
        lambda document: document["models"].append(model("new")),
    )
    done = gateway.command("reload")
    assert done.returncode == 0, done.stderr
    for words in (
        "Reloaded",
        "gateway.yaml",
        "1 created (new)",
        "file. were read again",
        "env. keep their values",
        "server",
    ):
        assert words in done.stdout, done.stdout
    assert "THIS_VARIABLE_IS_NOT_SET" in done.stderr, "the warnings are those of a start"
    assert "restart" not in gateway.command("config", "validate").stdout


def test_a_rotated_file_is_reloaded_and_a_variable_is_not(make_gateway, upstream: FakeUpstream, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("canary-first-token\n")
    document = {
        "auth": {"seed_api_keys": [{"name": "listed", "value": f"literal.gwk_{KEY[0]}.{KEY[1]}"}]},
        "providers": [
            provider("by-file", upstream.port, auth={"kind": "bearer", "token": f"file.{token}"}),
            provider("by-environment", upstream.port),
        ],
        "models": [model("by-file", "by-file"), model("by-environment", "by-environment")],
    }
    gateway: Gateway = make_gateway(document).start()
    gateway.secrets += ["canary-first-token", "canary-second-token", "canary-changed-variable"]
    key = seeded_key(gateway, *KEY)

    def sent() -> set[str]:
        upstream.reset(answers.ordinary())
        for name in ("by-file", "by-environment"):
            assert statuses(gateway, key, name) == {(200, name)}
        return {request.header("authorization") for request in upstream.requests}

    by_environment = f"Bearer {documents.TOKEN}"
    assert sent() == {"Bearer canary-first-token", by_environment}
    token.write_text("canary-second-token\n")
    assert sent() == {"Bearer canary-first-token", by_environment}, "not before the reload"
    # The command's environment is not the gateway's.
    gateway.environment[documents.TOKEN_VARIABLE] = "canary-changed-variable"
    reload(gateway)
    assert sent() == {"Bearer canary-second-token", by_environment}

    token.unlink()
    reload(gateway)
    assert statuses(gateway, key, "by-file") == {(503, "no_route_available")}
    assert statuses(gateway, key, "by-environment") == {(200, "by-environment")}
    token.write_text("canary-second-token\n")
    reload(gateway)
    assert sent() == {"Bearer canary-second-token", by_environment}
    # A start reads both.
    gateway.stop()
    gateway.start()
    assert sent() == {"Bearer canary-second-token", "Bearer canary-changed-variable"}
