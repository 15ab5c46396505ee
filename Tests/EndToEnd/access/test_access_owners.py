"""A key is as active as its owner."""

from support import chat, people, wait
from support.access import ask, key_of
from support.chat import check_error
from support.client import Answer
from support.gateway import Gateway, Key
from support.upstream import FakeUpstream


def everywhere(gateway: Gateway, key: Key) -> set[int]:
    """The statuses on every event loop: each connection goes to the next one."""
    return {ask(gateway, key, "small").status for _ in range(8)}


def check_inactive(answer: Answer, owner: str) -> None:
    assert owner in check_error(answer, 403, "owner_inactive")["message"]


def test_a_user_who_is_invited(gateway: Gateway, upstream: FakeUpstream) -> None:
    key = key_of(gateway, "invitedkey")
    check_inactive(ask(gateway, key, "chat"), "user:invited@example.com")
    check_inactive(gateway.get("/v1/models", chat.headers(key)), "user:invited@example.com")
    assert upstream.requests == []
    people.set_user(gateway.database, "invited@example.com", "active")
    took = wait.until(lambda: everywhere(gateway, key) == {200}, "the gateway follows")
    print(f"the key was taken after {took:.1f} s; promised: 2 s")


def test_owners_who_become_inactive_and_active_again(gateway: Gateway, upstream: FakeUpstream) -> None:
    """A user, a user's team, and a team; all at once, because the gateway polls each second."""
    owners = {
        "goneuser": "user:gone@example.com",
        "closedmember": "user:member@example.com",
        "closedteam": "team:closed",
    }
    keys = {name: key_of(gateway, name) for name in owners}

    def all_get(status: int) -> bool:
        return all(everywhere(gateway, key) == {status} for key in keys.values())

    assert all_get(200)
    people.set_user(gateway.database, "gone@example.com", "disabled")
    people.set_team(gateway.database, "closed", "inactive")
    took = wait.until(lambda: all_get(403), "the gateway follows")
    print(f"the keys were refused after {took:.1f} s; promised: 2 s")
    for name, owner in owners.items():
        check_inactive(ask(gateway, keys[name], "chat"), owner)
    assert everywhere(gateway, key_of(gateway, "freeuser")) == {200}, "other keys are not affected"
    people.set_user(gateway.database, "gone@example.com", "active")
    people.set_team(gateway.database, "closed", "active")
    wait.until(lambda: all_get(200), "the gateway follows again")
