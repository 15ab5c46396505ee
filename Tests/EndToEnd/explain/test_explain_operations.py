"""`gateway explain --operation`: responses and embeddings are explained as chats are, stored responses included."""

import json
from collections.abc import Iterator

import pytest
from support import answers, documents, responses, wait
from support.chat import check_error
from support.client import Answer
from support.configuration import seeded_key
from support.explanation import explain, routes, stage
from support.gateway import Gateway, Key
from support.launch import launch
from support.upstream import FakeUpstream

SECRET = "o" * 43
PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "embeddings": "/v1/embeddings"}
INPUTS = {
    "chat": {"messages": [{"role": "user", "content": "hi"}]},
    "responses": {"input": "hi"},
    "embeddings": {"input": "hi"},
}
BEHAVIOURS = {"chat": answers.ordinary(), "responses": responses.ordinary(), "embeddings": responses.ordinary()}
TOOLS = [{"type": "function", "name": "f", "parameters": {}}]


def key(gateway: Gateway, name: str) -> Key:
    return seeded_key(gateway, f"{name}01", SECRET)


@pytest.fixture(scope="module")
def gateway(shared_upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    document = {
        "routing": {"max_attempts": 1},
        "providers": [documents.provider("fake", shared_upstream.port)],
        "teams": [{"key": "red"}, {"key": "blue"}],
        "auth": {
            "seed_api_keys": [
                {"name": name, "owner": f"team:{name}", "value": f"literal.gwk_{name}team01.{SECRET}"}
                for name in ("red", "blue")
            ]
        },
        "models": [
            documents.model("any"),
            *(
                {"id": f"no-{name}", "routes": [documents.route("fake", capabilities={name: False})]}
                for name in ("chat_completions", "responses", "embeddings", "tools")
            ),
            {"id": "keeps", "routes": [documents.route("fake"), documents.route("fake", allow_stored_responses=True)]},
        ],
    }
    gateway = launch(tmp_path_factory.mktemp("operations"), document)
    gateway.secrets.append(SECRET)
    try:
        yield gateway.start()
    finally:
        gateway.stop()


@pytest.fixture(scope="module")
def without_gateway(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    """The same database, without a control socket: the command reads the database."""
    folder = tmp_path_factory.mktemp("no-gateway")
    document = json.loads(gateway.config_path.read_text())
    document["server"]["control_socket"] = str(folder / "none.sock")
    return launch(folder, document, gateway.database)


def ask(gateway: Gateway, upstream: FakeUpstream, operation: str, model: str, team: str = "red", **fields) -> Answer:
    upstream.reset(BEHAVIOURS[operation])
    body = json.dumps({"model": model} | INPUTS[operation] | fields).encode()
    headers = {"Authorization": f"Bearer {key(gateway, f'{team}team').text}", "Content-Type": "application/json"}
    return gateway.request("POST", PATHS[operation], body, headers)


def check_agreement(explanation: dict, answer: Answer) -> None:
    assert answer.status == explanation["status"], (explanation, answer)
    if answer.status == 200:
        assert routes(explanation)[answer.header("x-gateway-route")]["odds"]
        return
    error = check_error(answer, explanation["status"], explanation["code"])
    assert error["message"] == explanation["message"]


@pytest.mark.parametrize("operation", PATHS)
@pytest.mark.parametrize("model", ["any", "no-chat_completions", "no-responses", "no-embeddings", "nothing"])
def test_an_operation_is_explained_as_it_is_answered(
    gateway: Gateway, without_gateway: Gateway, upstream: FakeUpstream, operation: str, model: str
) -> None:
    explanation = explain(gateway, "red", model, "--operation", operation)
    assert explanation == explain(without_gateway, "red", model, "--operation", operation)
    assert explanation["operation"] == operation
    capability = "chat_completions" if operation == "chat" else operation
    if model == f"no-{capability}":
        assert explanation["code"] == "capability_not_supported"
        assert stage(explanation, "plan")["setting"] == f"models[{model}].routes[1].capabilities"
    check_agreement(explanation, ask(gateway, upstream, operation, model))


@pytest.mark.parametrize("model", ["any", "no-tools"])
def test_a_response_with_tools(gateway: Gateway, upstream: FakeUpstream, model: str) -> None:
    explanation = explain(gateway, "red", model, "--operation", "responses", "--tools")
    assert "responses, tools" in stage(explanation, "read")["finding"]
    assert explanation["status"] == (200 if model == "any" else 400)
    check_agreement(explanation, ask(gateway, upstream, "responses", model, tools=TOOLS))


def test_chat_is_the_default(gateway: Gateway) -> None:
    assert explain(gateway, "red", "any") == explain(gateway, "red", "any", "--operation", "chat")


@pytest.fixture(scope="module")
def stored(gateway: Gateway, shared_upstream: FakeUpstream) -> str:
    """The id of a response of the team red, once the database knows it."""
    for _ in range(64):
        answer = ask(gateway, shared_upstream, "responses", "keeps")
        if answer.header("x-gateway-route") == "keeps/2":
            break
    wait.until(lambda: gateway.database.query("SELECT id FROM stored_responses"), "the database knows the response")
    return answer.json()["id"]


@pytest.mark.parametrize(
    ("team", "model", "code", "setting"),
    [
        ("red", "keeps", None, None),
        ("blue", "keeps", "not_found", None),
        ("red", "any", "unsupported_parameter", "models[any].routes[].allow_stored_responses"),
        ("red", "nothing", "model_not_found", "models"),
    ],
)
def test_a_request_that_continues_a_response(
    gateway: Gateway,
    without_gateway: Gateway,
    upstream: FakeUpstream,
    stored: str,
    team: str,
    model: str,
    code: str | None,
    setting: str | None,
) -> None:
    arguments = (model, "--operation", "responses", "--previous-response", stored)
    explanation = explain(gateway, team, *arguments)
    assert explanation == explain(without_gateway, team, *arguments)
    assert explanation["code"] == code
    if code:
        [refused] = [each for each in explanation["stages"] if each["verdict"] == "refused"]
        assert refused["setting"] == setting
    else:
        assert list(routes(explanation)) == ["keeps/2"]
    check_agreement(explanation, ask(gateway, upstream, "responses", model, team, previous_response_id=stored))


def test_a_response_that_does_not_exist(gateway: Gateway, upstream: FakeUpstream) -> None:
    explanation = explain(gateway, "red", "keeps", "--operation", "responses", "--previous-response", "resp_none")
    assert explanation["code"] == "not_found"
    check_agreement(explanation, ask(gateway, upstream, "responses", "keeps", previous_response_id="resp_none"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--operation", "completions"], "chat, responses, embeddings"),
        (["--operation", "chat", "--previous-response", "resp_1"], "--operation responses"),
        (["--operation", "embeddings", "--stream"], "Leave the flags out"),
    ],
)
def test_a_request_that_no_operation_has(gateway: Gateway, arguments: list[str], message: str) -> None:
    done = gateway.command("explain", "--key", "red", "--model", "any", *arguments)
    assert done.returncode == 2 and message in done.stderr, done
