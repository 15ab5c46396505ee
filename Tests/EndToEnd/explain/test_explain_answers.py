"""Details of what `gateway explain` answers, and what it does not do."""

import pytest
from support.explanation import explain, routes, said, stage
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream


def test_odds_are_those_of_the_first_priority(asked: Gateway, keys: dict[str, Key]) -> None:
    explanation = explain(asked, keys["caller"].public_id, "chat")
    odds = {id: view["odds"] for id, view in routes(explanation).items()}
    assert odds == {"chat/1": pytest.approx(0.75), "chat/2": pytest.approx(0.25), "chat/3": None}
    text = said(asked, "caller", "chat")
    assert " 75 % " in text and " 25 % " in text


def test_the_way_of_an_alias_is_shown(asked: Gateway, keys: dict[str, Key]) -> None:
    explanation = explain(asked, keys["caller"].public_id, "alias")
    assert explanation["aliases"] == ["alias", "between"]
    assert "alias → between → chat" in stage(explanation, "resolve")["finding"]
    assert "alias → between → chat" in said(asked, "caller", "alias")


def test_a_missing_value_is_named_to_the_operator_alone(asked: Gateway, keys: dict[str, Key]) -> None:
    explanation = explain(asked, keys["caller"].public_id, "unset")
    assert "THIS_VARIABLE_IS_NOT_SET" in routes(explanation)["unset/1"]["finding"]
    assert "THIS_VARIABLE_IS_NOT_SET" not in explanation["message"]


@pytest.mark.parametrize("model", ["", " ", "é😀", "x" * 5000, "a\nb", "\x1b[31mred", '"quoted"', "tag:é"])
def test_an_odd_model(asked: Gateway, keys: dict[str, Key], model: str) -> None:
    explanation = explain(asked, keys["caller"].public_id, model)
    assert explanation["status"] in (400, 404) and explanation["requested_model"] == model
    assert model in said(asked, "caller", model)


def test_nothing_is_sent_and_nothing_is_written(gateway: Gateway, keys: dict[str, Key], upstream: FakeUpstream) -> None:
    def written() -> list[list[tuple]]:
        statements = ("SELECT * FROM change_version", "SELECT count(*) FROM audit_log")
        return [gateway.database.query(statement) for statement in statements]

    before = written()
    for asked_for in ("chat", "other", "nothing"):
        explain(gateway, keys["caller"].public_id, asked_for)
    assert written() == before
    assert upstream.requests == []
