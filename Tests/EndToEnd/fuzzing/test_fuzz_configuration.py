"""Mutated configuration files, reloaded by a running gateway and checked by `config validate`: no crash, no hang, no
secret in an answer, and the gateway serves all the while."""

import json
import time
from pathlib import Path

import pytest
from support import chat, control
from support.fuzzing import MAX_GROWTH_MIB, keep, rounds
from support.gateway import Gateway
from support.mutations import mutate

ROOT = Path(__file__).parents[3]
SECRET = "s" * 43
LONGEST_SECONDS = 5
ENVIRONMENT = {
    "SECRET": "canary-environment-1",
    "OPENAI_API_KEY": "canary-environment-2",
    "GATEWAY_API_KEY": f"gwk_canaryenv01.{SECRET}canary-environment-3",
    "POSTGRES_URL": "postgres://u:canary-environment-4@127.0.0.1:1/d",
    "GATEWAY_BOOTSTRAP_ADMIN_PASSWORD": "canary-environment-5",
    "U": "canary-environment-6",
    "P": "canary-environment-7",
    "ALERT_URL": "https://canary-environment-8",
    "ALERT_SECRET": "canary-environment-9",
}
EXAMPLE = f"""
egress: {{ proxy: http://127.0.0.1:1, credentials: literal.user:canary-literal-1, no_proxy: [127.0.0.1] }}
database: {{ kind: sqlite, url: literal.postgres://u:canary-literal-2@h/d, max_connections: 3 }}
auth:
  max_staleness_seconds: 300
  bootstrap_admin: {{ enabled: true, email: admin@local, password: literal.canary-literal-3 }}
  seed_api_keys:
    - {{ name: default, value: env.GATEWAY_API_KEY, allowed_models: [fast], owner: "team:platform" }}
    - {{ name: other, value: literal.gwk_canarylit01.{SECRET}canary-literal-4, allowed_models: all }}
budget_alerts:
  email: {{ from_email: a@b.c, transport: {{ kind: smtp, host: mail, username: env.U, password: env.P }} }}
  webhook: {{ url: env.ALERT_URL, secret: env.ALERT_SECRET }}
providers:
  - id: openai-prod
    type: openai_compat
    base_url: https://api.openai.com/v1
    pricing_provider_id: openai
    auth: {{ kind: header, header: api-key, token: literal.canary-literal-5 }}
    default_headers: {{ x-org: literal.canary-literal-6 }}
    timeouts: {{ connect_ms: 5000, total_ms: null }}
  - {{ id: sim, type: simulator, simulator: {{ latency_ms: 1 }} }}
models:
  - id: fast
    description: "A \\u00e9 model"
    tags: [fast, cheap]
    routes:
      - {{ provider: openai-prod, upstream_model: gpt-5-mini, weight: 9, extra_body: {{ a: [1, 2.50, x] }} }}
      - {{ provider: sim, capabilities: {{ tools: false }} }}
  - {{ id: default, alias_of: fast }}
teams:
  - {{ key: platform, allowed_models: all, budget: {{ cadence: monthly, amount_usd: "5.00", timezone: UTC }} }}
users:
  - {{ name: Ops, email: ops@example.com, global_role: platform_admin, membership: {{ team: platform, role: admin }} }}
"""


@pytest.fixture
def gateway(make_gateway, standard_document) -> Gateway:
    gateway: Gateway = make_gateway(standard_document, **ENVIRONMENT)
    return gateway.start()


def check_secrecy(document: str, shown: str) -> None:
    """A literal counts as a secret as long as it is written as one."""
    assert "canary-environment" not in shown, shown
    if "canary-literal" in document.replace("literal.canary-literal", "").replace(f"{SECRET}canary-literal", ""):
        return
    for number in range(1, 7):
        canary = f"canary-literal-{number}"
        if document.count(canary) <= document.count("literal.") and f"{canary}@" not in document:
            assert canary not in shown, shown


def test_fuzz_configuration(gateway: Gateway, standard_document: dict, full: bool, tmp_path: Path) -> None:
    own = gateway.config_path.read_text()
    documents = [own, EXAMPLE, *((ROOT / name).read_text() for name in ("gateway.yaml", "gateway.prod.yaml"))]
    key = gateway.create_key()
    accepted, slowest, before = 0, 0.0, None
    for number, chance in enumerate(rounds(full, small=40)):
        document = mutate(chance.choice(documents), documents, chance)
        kept = keep(tmp_path, "fuzzed.yaml", document)
        gateway.config_path.write_bytes(kept.read_bytes())
        began = time.monotonic()
        reply = control.ask(gateway, "reload", timeout=30)
        took = time.monotonic() - began
        slowest = max(slowest, took)
        assert took < LONGEST_SECONDS, f"{took} s: {kept}"
        accepted += reply["ok"]
        check_secrecy(document, json.dumps(reply))
        if number % 20 == 0:
            for command in ("validate", "show"):
                done = gateway.command("config", command)
                assert done.returncode in (0, 3), (done, kept)
                # `show` prints what stands where no secret is expected, wherever a mutation has put it.
                check_secrecy(document, done.stderr + (done.stdout if command == "validate" else ""))
        if number % 200 == 0:
            assert gateway.is_alive(), kept
            before = before or (number >= 1000 and gateway.memory_mib()) or None
    gateway.config_path.write_text(own)
    reply = control.ask(gateway, "reload", timeout=30)
    assert reply["ok"], reply
    assert chat.ask(gateway, key).status == 200
    log = gateway.log()
    assert "canary-environment" not in log
    growth = gateway.memory_mib() - before if before else 0
    print(f"{accepted} accepted, slowest {slowest:.2f} s, grown by {growth:.1f} MiB", flush=True)
    assert growth < MAX_GROWTH_MIB
