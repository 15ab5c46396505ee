"""Each gateway knows of the others, and warns of one with another configuration file."""

from support import wait
from support.configuration import edit, entry
from support.databases import PostgresDatabase
from support.documents import model, provider
from support.gateway import Gateway
from support.replication import OK, Make, listed_key, outcomes
from support.upstream import FakeUpstream


def replicas(database: PostgresDatabase) -> list[dict]:
    """Each run of a gateway; `silent` is the age of its heartbeat in seconds, by the database's clock."""
    rows = database.query(
        "SELECT process_id, status, configuration_hash,"
        " extract(epoch FROM clock_timestamp()) - heartbeat_at / 1000000.0 FROM replicas ORDER BY started_at, id"
    )
    return [dict(zip(("pid", "status", "hash", "silent"), row, strict=True)) for row in rows]


def test_each_run_of_a_gateway_is_known(three: list[Gateway], shared: PostgresDatabase) -> None:
    wait.until(lambda: len(replicas(shared)) == 3, "all have made themselves known")
    found = replicas(shared)
    assert {each["pid"] for each in found} == {gateway.process.pid for gateway in three}
    assert {each["status"] for each in found} == {"serving"}
    assert len({each["hash"] for each in found}) == 1, "their files are the same"
    assert all(-1 < each["silent"] < 50 for each in found), found
    for gateway in three:
        assert "another configuration file" not in gateway.log()

    gone = three[1].process.pid
    three[1].stop()
    states = {each["pid"]: each["status"] for each in replicas(shared)}
    assert states.pop(gone) == "stopped" and set(states.values()) == {"serving"}
    three[1].start()
    wait.until(lambda: len(replicas(shared)) == 4, "the new run is known by itself")


def warns_of(gateway: Gateway, other: Gateway) -> bool:
    lines = [line for line in gateway.log().splitlines() if "another configuration file" in line]
    return any(f":{other.process.pid}" in line and '"warning"' in line for line in lines)


def test_gateways_with_different_files(
    make_replica: Make, shared: PostgresDatabase, standard_document: dict, full: bool
) -> None:
    """Small form: the one that starts later warns; full: the other one too, with its next heartbeat 10 s later."""
    first = make_replica(standard_document, shared).start()
    wait.until(lambda: len(replicas(shared)) == 1, "the first is known")
    second = make_replica(standard_document, shared)
    edit(second, lambda document: entry(document["models"], "other").update(rank=7))
    second.start()
    wait.until(lambda: warns_of(second, first), "the second warns of the first")
    assert len({each["hash"] for each in replicas(shared)}) == 2
    if full:
        wait.until(lambda: replicas(shared)[0]["silent"] > 5, "the next heartbeat is near", seconds=50)
        wait.until(lambda: replicas(shared)[0]["silent"] < 5, "the heart goes on", seconds=50)
        wait.until(lambda: warns_of(first, second), "the first warns of the second", seconds=50)


def test_a_literal_secret_that_only_one_file_has(
    make_replica: Make, shared: PostgresDatabase, upstream: FakeUpstream
) -> None:
    """It is not stored, so the other gateway does not have it, and warns."""
    literal = "canary-literal-40be"
    document = {
        "providers": [
            provider("fake", upstream.port),
            provider("literal", upstream.port, auth={"kind": "bearer", "token": f"literal.{literal}"}),
        ],
        "models": [model("other"), model("literal", "literal")],
    }
    with_it = make_replica(document, shared).start()
    without = make_replica({"providers": document["providers"][:1], "models": document["models"][:1]}, shared)
    without.start("--seed-config", "false")
    for gateway in (with_it, without):
        gateway.secrets.append(literal)
        assert outcomes(gateway, listed_key(gateway)) == {OK}
    assert outcomes(with_it, listed_key(with_it), "literal") == {OK}
    assert outcomes(without, listed_key(without), "literal") == {(503, "no_route_available")}
    warnings = [line for line in without.log().splitlines() if "A provider cannot be used." in line]
    assert len(warnings) == 1 and '"literal"' in warnings[0] and "another gateway" in warnings[0]
    assert "A provider cannot be used." not in with_it.log()
