"""`allow_stored_responses`: only its owner may continue a stored response; and the gateway finds it again."""

import json
from collections.abc import Callable

import openai
import pytest
from support import answers, control, documents, responses, wait
from support.chat import check_error
from support.client import Answer
from support.configuration import seeded_key
from support.databases import Database
from support.fleet import Fleet
from support.gateway import Gateway, Key
from support.upstream import Behaviour, Call

SECRET = "s" * 43


def keeps(prefix: str) -> Behaviour:
    """A provider that numbers its responses, and repeats `previous_response_id`."""
    number = 0

    async def behave(call: Call) -> None:
        nonlocal number
        number += 1
        request = json.loads(call.request.body)
        known = {"id": f"{prefix}_{number}", "previous_response_id": request.get("previous_response_id")}
        created = responses.event("response.created", 0, response=responses.response(None, "in_progress", **known))
        done = responses.event("response.completed", 6, response=responses.response(**known))
        stream, whole = answers.stream([created, *responses.CONTENT, done]), answers.whole(responses.response(**known))
        await (stream if request.get("stream") else whole)(call)

    return behave


@pytest.fixture
def fleet() -> Fleet:
    with Fleet("first", "second", "stateless") as fleet:
        fleet.reset(**{name: keeps(name) for name in ("first", "second", "stateless")})
        yield fleet


@pytest.fixture
def gateway(fleet: Fleet, database: Database, make_gateway: Callable[..., Gateway]) -> Gateway:
    owners = {"redteam": "team:red", "redtoo": "team:red", "blueteam": "team:blue"}
    names = ("first", "second")
    document = {
        "routing": {"max_attempts": 1},
        "providers": fleet.providers(),
        "teams": [{"key": "red"}, {"key": "blue"}],
        "auth": {
            "seed_api_keys": [
                {"name": name, "owner": owner, "value": f"literal.gwk_{name}01.{SECRET}"}
                for name, owner in owners.items()
            ]
        },
        "models": [
            {"id": "kept", "routes": [documents.route(name, allow_stored_responses=True) for name in names]},
            documents.model("unstored", "stateless"),
        ],
    }
    return make_gateway(document, database).start()


def key(gateway: Gateway, name: str) -> Key:
    return seeded_key(gateway, f"{name}01", SECRET)


def ask(gateway: Gateway, name: str, model: str = "kept", **fields) -> Answer:
    body = json.dumps({"model": model, "input": "hi"} | fields).encode()
    headers = {"Authorization": f"Bearer {key(gateway, name).text}", "Content-Type": "application/json"}
    return gateway.request("POST", "/v1/responses", body, headers)


def response_id(answer: Answer) -> str:
    assert answer.status == 200, answer.body
    if answer.header("content-type").startswith("application/json"):
        return answer.json()["id"]
    first = next(line for line in answer.body.decode().splitlines() if line.startswith("data: "))
    return json.loads(first.removeprefix("data: "))["response"]["id"]


@pytest.mark.parametrize("stream", [False, True])
def test_its_owner_goes_on_where_it_is_kept(gateway: Gateway, fleet: Fleet, stream: bool) -> None:
    kept = response_id(ask(gateway, "redteam", stream=stream))
    provider = kept.partition("_")[0]
    # Weights alone would send half of these to another route.
    for name in ("redteam", "redtoo") * 8:
        answer = ask(gateway, name, previous_response_id=kept)
        assert answer.json()["previous_response_id"] == kept
        assert response_id(answer).startswith(provider)
    other = next(name for name in ("first", "second") if name != provider)
    assert fleet.counts()[provider] == 17 and fleet.counts()[other] == 0
    assert [json.loads(received.body).get("store") for received in fleet[provider].requests] == [None] * 17


def test_the_official_client_goes_on(gateway: Gateway) -> None:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key(gateway, "redteam").text, max_retries=0) as sdk:
        first = sdk.responses.create(model="kept", input="hi")
        second = sdk.responses.create(model="kept", input="and?", previous_response_id=first.id)
        assert second.previous_response_id == first.id
        with pytest.raises(openai.NotFoundError, match="no response `resp_unknown`"):
            sdk.responses.create(model="kept", input="and?", previous_response_id="resp_unknown")


def test_no_other_owner_does(gateway: Gateway, fleet: Fleet) -> None:
    kept = response_id(ask(gateway, "redteam"))
    sent = sum(fleet.counts().values())
    theirs = check_error(ask(gateway, "blueteam", previous_response_id=kept), 404, "not_found")
    unknown = check_error(ask(gateway, "blueteam", previous_response_id="first_99"), 404, "not_found")
    # The error does not reveal that another owner has the id.
    assert theirs["message"].replace(kept, "first_99") == unknown["message"]
    assert theirs["param"] == "previous_response_id"
    assert sum(fleet.counts().values()) == sent


def test_it_is_found_after_a_restart(gateway: Gateway) -> None:
    kept = response_id(ask(gateway, "redteam"))
    wait.until(lambda: gateway.database.query("SELECT id FROM stored_responses"), "it stands in the database")
    gateway.terminate()
    assert gateway.wait() == 0
    gateway.start()
    assert ask(gateway, "redtoo", previous_response_id=kept).status == 200
    check_error(ask(gateway, "blueteam", previous_response_id=kept), 404, "not_found")


def test_what_the_caller_does_not_want_kept(gateway: Gateway) -> None:
    unkept = response_id(ask(gateway, "redteam", store=False))
    check_error(ask(gateway, "redteam", previous_response_id=unkept), 404, "not_found")


def test_a_model_without_it(gateway: Gateway, fleet: Fleet) -> None:
    answer = ask(gateway, "redteam", "unstored")
    assert answer.status == 200
    check_error(
        ask(gateway, "redteam", "unstored", previous_response_id=response_id(answer)), 400, "unsupported_parameter"
    )
    assert [json.loads(received.body)["store"] for received in fleet["stateless"].requests] == [False]


def test_other_state_is_refused_all_the_same(gateway: Gateway) -> None:
    check_error(ask(gateway, "redteam", background=True), 400, "unsupported_parameter")
    check_error(ask(gateway, "redteam", conversation="conv_1"), 400, "unsupported_parameter")


REFERENCES = [
    {"input": [{"id": "msg_1"}]},
    {"input": [{"type": "item_reference", "id": "msg_1"}]},
    {"input": [{"type": "image_generation_call", "id": "ig_1"}]},
    {"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "file-1"}]}]},
    {"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]},
    {"tools": [{"type": "shell", "environment": {"type": "container_reference", "container_id": "cntr_1"}}]},
]


@pytest.mark.parametrize("fields", REFERENCES, ids=json.dumps)
@pytest.mark.parametrize("model", ["kept", "unstored"])
def test_a_reference_to_what_is_kept_otherwise(gateway: Gateway, fleet: Fleet, model: str, fields: dict) -> None:
    check_error(ask(gateway, "redteam", model, **fields), 400, "unsupported_parameter")
    assert not any(fleet.counts().values())


def test_a_reference_in_a_chat(gateway: Gateway, fleet: Fleet) -> None:
    part = {"type": "file", "file": {"file_id": "file-1"}}
    body = json.dumps({"model": "kept", "messages": [{"role": "user", "content": [part]}]}).encode()
    headers = {"Authorization": f"Bearer {key(gateway, 'redteam').text}", "Content-Type": "application/json"}
    error = check_error(gateway.request("POST", "/v1/chat/completions", body, headers), 400, "unsupported_parameter")
    assert error["param"] == "file_id" and not any(fleet.counts().values())


def test_the_answer_of_the_second_attempt_is_kept(gateway: Gateway, fleet: Fleet, database: Database) -> None:
    """The first attempt named an id, which did not reach the caller."""

    async def dies(call: Call) -> None:
        created = responses.event("response.created", 0, response=responses.response(None, "in_progress", id="lost_1"))
        await answers.stream([created], terminated=False)(call)

    gateway.terminate()
    assert gateway.wait() == 0
    document = json.loads(gateway.config_path.read_text())
    document["routing"] = {"max_attempts": 2}
    for priority, route in enumerate(document["models"][0]["routes"]):
        route["priority"] = priority
    gateway.config_path.write_text(json.dumps(document))
    gateway.start()
    fleet.reset(first=dies, second=keeps("second"))
    answer = ask(gateway, "redteam", stream=True)
    assert answer.header("x-gateway-attempts") == "2"
    assert response_id(ask(gateway, "redteam", previous_response_id=response_id(answer))) == "second_2"
    check_error(ask(gateway, "redteam", previous_response_id="lost_1"), 404, "not_found")


def test_an_id_stays_with_its_first_owner(gateway: Gateway, fleet: Fleet) -> None:
    """Some providers let the caller choose the id of the answer."""

    async def chosen(call: Call) -> None:
        await answers.whole(responses.response(id="resp_chosen"))(call)

    fleet.reset(first=chosen, second=chosen)
    assert ask(gateway, "redteam").status == 200
    wait.until(lambda: gateway.database.query("SELECT id FROM stored_responses"), "it stands in the database")
    # So that only the database has it.
    gateway.terminate()
    assert gateway.wait() == 0
    gateway.start()
    assert ask(gateway, "blueteam").status == 200
    assert wait.until(
        lambda: ask(gateway, "blueteam", previous_response_id="resp_chosen").status == 404,
        "the database's owner applies again",
    )
    assert ask(gateway, "redtoo", previous_response_id="resp_chosen").status == 200
    check_error(ask(gateway, "blueteam", previous_response_id="resp_chosen"), 404, "not_found")


def test_routes_may_move(gateway: Gateway, fleet: Fleet) -> None:
    """Routes are numbered by their order; the provider stores the response."""
    kept = response_id(ask(gateway, "redteam"))
    wait.until(lambda: gateway.database.query("SELECT id FROM stored_responses"), "it stands in the database")
    document = json.loads(gateway.config_path.read_text())
    document["models"][0]["routes"].reverse()
    gateway.config_path.write_text(json.dumps(document))
    assert gateway.command("reload").returncode == 0
    provider = kept.partition("_")[0]
    for _ in range(8):
        assert response_id(ask(gateway, "redteam", previous_response_id=kept)).startswith(provider)


def test_a_refusal_names_its_reason(gateway: Gateway) -> None:
    check_error(ask(gateway, "redteam", "unstored", previous_response_id="resp_1"), 400, "unsupported_parameter")
    check_error(ask(gateway, "redteam", "nosuch", previous_response_id="resp_1"), 404, "model_not_found")
    check_error(ask(gateway, "redteam", previous_response_id="resp_1", conversation="c"), 400, "unsupported_parameter")


@pytest.mark.parametrize("id", ["resp_\0", "\0", "resp_\ud800", "r" * 100_000, "\U0010ffff" * 100])
def test_an_id_that_the_database_cannot_take_is_unknown(gateway: Gateway, fleet: Fleet, id: str) -> None:
    answer = ask(gateway, "redteam", previous_response_id=id)
    if "\0" in id:
        check_error(answer, 404, "not_found")
    assert answer.status in (400, 404), answer
    assert sum(fleet.counts().values()) == 0


@pytest.mark.parametrize("value", ["key\0", "\0", "k" * 100_000])
def test_a_command_with_such_a_value_is_a_usage_error(gateway: Gateway, value: str) -> None:
    arguments = {"key": "redteam", "operation": "responses", "model": "kept", "required": []}
    for command, values in {
        "keys.revoke": {"public_id": value},
        "explain": arguments | {"key": value},
    }.items():
        reply = control.ask(gateway, command, **values)
        assert not reply["ok"] and reply["error"]["code"] == "usage", reply
    reply = control.ask(gateway, "explain", **(arguments | {"previous_response_id": value}))
    assert (reply["ok"] and reply["data"]["status"] == 404) or reply["error"]["code"] == "usage", reply
    assert control.ask(gateway, "keys.revoke", public_id="redteam01", actor="a\0b")["error"]["code"] == "usage"
