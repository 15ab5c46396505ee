"""The runbook *Provider Auth Failure*: each test provokes a line's failure and runs the line's command."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from support import answers, chat, runbook, wait
from support.configuration import edit, entry, read
from support.documents import model, provider, route
from support.gateway import Gateway, Key
from support.upstream import Call, FakeUpstream

HEADING = "Provider Auth Failure"
EXPLAIN = "gateway explain --key KEY --model MODEL"
OLD_TOKEN, NEW_TOKEN = "canary-old-token-6b", "canary-new-token-8c"
WORDS = "words-of-the-provider"


def item(number: int) -> str:
    """The text of a line of the list."""
    found = re.search(rf"^{number}\. (.*?)(?=^\d+\. |\Z)", runbook.section(HEADING), re.M | re.S)
    assert found, f"'{HEADING}' has no line {number}"
    return " ".join(found[1].split())


def named(number: int, *words: str) -> None:
    """The line contains these words."""
    missing = [word for word in words if word not in item(number)]
    assert missing == [], f"line {number} of '{HEADING}' says nothing of {missing}"


def explained(gateway: Gateway, key: Key, model: str, *flags: str) -> str:
    """Types the command of the first line, with the flags of the request."""
    named(1, f"`{EXPLAIN}`")
    command = EXPLAIN.replace("KEY", key.public_id).replace("MODEL", shlex.quote(model))
    done = runbook.perform(gateway, " ".join([command, *flags]))
    assert done.returncode == 0, done
    return done.stdout


def validated(gateway: Gateway) -> subprocess.CompletedProcess:
    done = runbook.perform(gateway, "gateway config validate")
    assert not any(secret in done.stdout + done.stderr for secret in gateway.secrets), done
    return done


def reload(gateway: Gateway) -> None:
    done = runbook.perform(gateway, "gateway reload")
    assert done.returncode == 0, done


@pytest.fixture
def gateway(make_gateway, upstream: FakeUpstream) -> Gateway:
    """Not started. The provider `main` serves `chat`; the test chooses the source of its token."""
    gateway: Gateway = make_gateway(
        {
            "routing": {"cooldown": {"seconds": 1}},
            "providers": [
                provider("main", upstream.port, auth={"kind": "bearer", "token": "env.MAIN_TOKEN"}),
                provider("spare", upstream.port),
                {"id": "vertex", "type": "gcp_vertex", "project_id": "p"},
            ],
            "models": [model("chat", "main"), model("other", "spare")],
        }
    )
    gateway.environment["MAIN_TOKEN"] = OLD_TOKEN
    gateway.secrets += [OLD_TOKEN, NEW_TOKEN]
    return gateway


def set_route(gateway: Gateway, **fields) -> None:
    edit(gateway, lambda document: entry(document["models"], "chat")["routes"][0].update(fields))


def check_refused(gateway: Gateway, key: Key, reason: str) -> str:
    """A request is refused for this reason; returns its line in the log."""
    answer = chat.ask(gateway, key)
    error = chat.check_error(answer, 503, "no_route_available")
    assert reason in error["message"], error
    return gateway.log_line(answer.header("x-gateway-request-id"))


def check_served(gateway: Gateway, key: Key) -> None:
    assert {chat.ask(gateway, key).status for _ in range(8)} == {200}


def test_the_list_is_the_one_that_is_tested_here() -> None:
    numbers = re.findall(r"^(\d+)\. ", runbook.section(HEADING), re.M)
    assert numbers == [str(number) for number in range(1, 9)]


def test_1_is_it_one(gateway: Gateway, upstream: FakeUpstream) -> None:
    named(1, "`upstream_rejected_credentials`", "`no_route_available`", "`cause`")
    key = gateway.start().create_key()
    upstream.behaviour = answers.whole({"error": {"message": WORDS}}, 401)
    answer = chat.ask(gateway, key)
    chat.check_error(answer, 502, "upstream_rejected_credentials")
    line = gateway.log_line(answer.header("x-gateway-request-id"))
    assert '"cause":"main answered 401' in line and WORDS in line
    assert "is tried; it has failed 1 times in a row" in explained(gateway, key, "chat")
    # The other code: the message names the setting.
    set_route(gateway, enabled=False)
    reload(gateway)
    check_refused(gateway, key, "disabled")
    assert "models[chat].routes[1].enabled" in explained(gateway, key, "chat")


def test_2_the_provider_is_not_declared(gateway: Gateway) -> None:
    named(2, "`gateway config validate`", "`provider_missing`", "`gcp_vertex`")
    set_route(gateway, provider="absent")
    done = validated(gateway)
    assert done.returncode == 3 and "models[0].routes[0].provider" in done.stderr and '"absent"' in done.stderr, done


def test_2_the_provider_is_of_another_release(gateway: Gateway) -> None:
    set_route(gateway, provider="vertex", upstream_model="google/gemini")
    done = validated(gateway)
    assert done.returncode == 0 and "providers[2].type" in done.stderr, done
    key = gateway.start().create_key()
    check_refused(gateway, key, "provider_missing")
    text = explained(gateway, key, "chat")
    assert (
        "does not exist, or is of a kind that this release cannot call" in text
        and "models[chat].routes[1].provider" in text
    )


def test_3_a_variable_that_is_not_set(gateway: Gateway) -> None:
    named(
        3,
        "`config validate` warns",
        "`A provider cannot be used.`",
        "`provider_credentials_missing`",
        "`env.` needs a restart",
    )
    del gateway.environment["MAIN_TOKEN"]
    done = validated(gateway)
    assert done.returncode == 0 and "MAIN_TOKEN is not set" in done.stderr, done
    key = gateway.start().create_key()
    gateway.expect_log("A provider cannot be used.")
    assert any("A provider cannot be used." in line and "MAIN_TOKEN" in line for line in gateway.log().splitlines())
    assert "MAIN_TOKEN" in check_refused(gateway, key, "provider_credentials_missing")
    text = explained(gateway, key, "chat")
    assert "MAIN_TOKEN is not set" in text and "providers[main]" in text
    # A variable in the operator's shell does not reach the running process.
    gateway.environment["MAIN_TOKEN"] = NEW_TOKEN
    reload(gateway)
    check_refused(gateway, key, "provider_credentials_missing")
    gateway.stop()
    gateway.start()
    check_served(gateway, key)
    assert "100 %" in explained(gateway, key, "chat")


def test_3_a_file_that_is_not_there(gateway: Gateway) -> None:
    named(3, "`file.` a `gateway reload`")
    path: Path = gateway.folder / "token"
    edit(gateway, lambda document: entry(document["providers"], "main")["auth"].update(token=f"file.{path}"))
    assert str(path) in validated(gateway).stderr
    key = gateway.start().create_key()
    check_refused(gateway, key, "provider_credentials_missing")
    assert str(path) in explained(gateway, key, "chat")
    path.write_text(f"{NEW_TOKEN}\n")
    reload(gateway)
    check_served(gateway, key)


def test_3_a_header_without_a_value(gateway: Gateway) -> None:
    set_route(gateway, extra_headers={"x-a": "env.NO_SUCH_HEADER_VALUE"})
    done = validated(gateway)
    assert done.returncode == 0 and "NO_SUCH_HEADER_VALUE is not set" in done.stderr, done
    key = gateway.start().create_key()
    check_refused(gateway, key, "provider_credentials_missing")
    assert "models[chat].routes[1].extra_headers" in explained(gateway, key, "chat")


def test_4_no_pricing_provider(gateway: Gateway) -> None:
    named(4, "`pricing_provider_id`", "`pricing`", "`config validate` names the model")
    edit(gateway, lambda document: entry(document["models"], "chat")["routes"][0].pop("pricing"))
    done = validated(gateway)
    assert done.returncode == 3 and "pricing_provider_id" in done.stderr and '"chat"' in done.stderr, done
    edit(gateway, lambda document: entry(document["providers"], "main").update(pricing_provider_id="openai"))
    assert validated(gateway).returncode == 0


@pytest.mark.parametrize("name", ["gemini-2.5-flash", "meta/llama", "google/", "/gemini"])
def test_5_a_vertex_route_in_another_form(gateway: Gateway, name: str) -> None:
    named(5, "`<publisher>/<model id>`", "`config validate`")
    set_route(gateway, provider="vertex", upstream_model=name)
    done = validated(gateway)
    assert done.returncode == 3 and "models[0].routes[0].upstream_model" in done.stderr, done
    assert "<publisher>/<model>" in done.stderr


@pytest.mark.parametrize(
    ("setting", "value", "reason"), [("enabled", False, "disabled"), ("weight", 0, "weight_not_positive")]
)
def test_6_a_route_that_is_off(gateway: Gateway, setting: str, value: object, reason: str) -> None:
    named(6, f"`{reason}`")
    set_route(gateway, **{setting: value})
    assert validated(gateway).returncode == 0, "it may be intended"
    key = gateway.start().create_key()
    check_refused(gateway, key, reason)
    assert f"models[chat].routes[1].{setting}" in explained(gateway, key, "chat")
    set_route(gateway, **{setting: 1 if setting == "weight" else True})
    reload(gateway)
    check_served(gateway, key)


def test_7_visible_and_not_viable(gateway: Gateway) -> None:
    named(7, "`GET /v1/models`", "`--stream`", "`--tools`", "`--vision`", "request-lifecycle-and-failure-modes.md")
    set_route(gateway, capabilities={"tools": False})
    key = gateway.start().create_key()
    listed = gateway.get("/v1/models", chat.headers(key)).json()["data"]
    assert "chat" in [each["id"] for each in listed]
    tools = [{"type": "function", "function": {"name": "f"}}]
    chat.check_error(chat.ask(gateway, key, chat.body(tools=tools)), 400, "capability_not_supported")
    assert "cannot do tools" not in explained(gateway, key, "chat")
    text = explained(gateway, key, "chat", "--tools")
    assert "does not support tools" in text and "models[chat].routes[1].capabilities" in text
    # The page that the line leads to has each of these.
    page = (runbook.ROOT / "docs/request-lifecycle-and-failure-modes.md").read_text()
    assert "## The model is visible but fails" in page and "`capability_not_supported`" in page


def only_the_new_token(upstream: FakeUpstream) -> None:
    """The provider has revoked the old one; `spare`, another account, has a valid one."""

    async def behave(call: Call) -> None:
        is_old = call.request.header("authorization") == f"Bearer {OLD_TOKEN}"
        await (answers.whole({"error": {"message": WORDS}}, 401) if is_old else answers.ordinary())(call)

    upstream.reset(behave)


def test_8_the_provider_itself_refuses(gateway: Gateway, upstream: FakeUpstream) -> None:
    named(
        8,
        "502 `upstream_rejected_credentials`",
        "*Secret Rotation*",
        "After five such failures",
        "a reload does not shorten that",
    )
    path: Path = gateway.folder / "token"
    path.write_text(OLD_TOKEN)
    edit(
        gateway,
        lambda document: entry(document["providers"], "main")["auth"].update(token=f"file.{path}"),
        lambda document: entry(document["models"], "chat").update(
            routes=[route("main", priority=1), route("spare", priority=2)]
        ),
        lambda document: document["models"].append(model("lone", "main")),
        lambda document: document["routing"]["cooldown"].update(seconds=3),
    )
    assert read(gateway)["routing"]["cooldown"] == {"seconds": 3}
    key = gateway.start().create_key()
    only_the_new_token(upstream)
    answer = chat.ask(gateway, key, chat.body("lone"))
    chat.check_error(answer, 502, "upstream_rejected_credentials")
    line = gateway.log_line(answer.header("x-gateway-request-id"))
    assert "main answered 401" in line and WORDS in line
    # With another route the callers notice nothing, and after five failures this one cools down.
    for number in range(1, 6):
        assert chat.ask(gateway, key).header("x-gateway-attempts") == "2", number
    assert "cools down until" in explained(gateway, key, "chat")
    assert chat.ask(gateway, key).header("x-gateway-attempts") == "1"
    path.write_text(NEW_TOKEN)
    reload(gateway)
    assert "cools down until" in explained(gateway, key, "chat")
    wait.until(
        lambda: chat.ask(gateway, key).header("x-gateway-provider") == "main", "it is found well again", seconds=25
    )
    assert "cools down until" not in explained(gateway, key, "chat")
