"""The output of `gateway explain` for a request."""

import json

from .gateway import Gateway


def explain(gateway: Gateway, key: str, model: str, *flags: str) -> dict:
    done = gateway.command("explain", "--key", key, "--model", model, *flags, "--json")
    assert done.returncode == 0, done
    assert not any(secret in done.stdout + done.stderr for secret in gateway.secrets), done
    return whole(json.loads(done.stdout))


def said(gateway: Gateway, key: str, model: str, *flags: str) -> str:
    """The output as text."""
    done = gateway.command("explain", "--key", key, "--model", model, *flags)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def whole(explanation: dict) -> dict:
    """Adds None for the fields that JSON omits."""
    stages = [{"setting": None} | stage for stage in explanation["stages"]]
    routes = [{"reason": None, "setting": None, "odds": None} | route for route in explanation["routes"]]
    return {"code": None, "resolved_model": None} | explanation | {"stages": stages, "routes": routes}


def routes(explanation: dict) -> dict[str, dict]:
    """Its routes by their ids."""
    return {route["id"]: route for route in explanation["routes"]}


def stage(explanation: dict, name: str) -> dict:
    [found] = [each for each in explanation["stages"] if each["name"] == name]
    return found


def reason(explanation: dict, route: str) -> str | None:
    """The reason for dropping the route, without the parentheses; None if it is kept."""
    view = routes(explanation)[route]
    assert view["kept"] == (view["reason"] is None), view
    return view["reason"] and view["reason"].partition("(")[0]
