"""The gateway under test: the built binary, run as an operator runs it."""

import json
import os
import re
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import wait
from .client import Answer, Client
from .databases import Database, SQLiteFile

BINARY = Path(os.environ.get("GATEWAY_BIN", Path(__file__).parents[3] / ".build/release/gateway")).absolute()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Key:
    public_id: str
    text: str

    @property
    def secret(self) -> str:
        return self.text.partition(".")[2]


class Gateway:
    """`document` is its configuration; this class adds paths and ports.

    `database` is a file in `folder` if it is not given."""

    def __init__(
        self,
        folder: Path,
        document: dict,
        environment: dict[str, str] | None = None,
        database: Database | None = None,
    ):
        self.folder, self.port = folder, free_port()
        self.database = database or SQLiteFile(folder / "gateway.db")
        self.environment = os.environ | (environment or {}) | self.database.environment
        self.secrets: list[str] = [*self.database.secrets]
        self.log_path, self.config_path = folder / "gateway.log", folder / "gateway.yaml"
        self.socket_path = folder / "gateway.sock"
        server = {
            "bind": f"127.0.0.1:{self.port}",
            "control_socket": str(self.socket_path),
            "log_format": "json",
            "shutdown_delay_seconds": 0,
        }
        # Tests use the loopback interface only.
        accounting = {"catalog": {"refresh_minutes": 0}} | document.get("accounting", {})
        written = document | {
            "server": server | document.get("server", {}),
            "database": self.database.section,
            "accounting": accounting,
        }
        # JSON is YAML.
        self.config_path.write_text(json.dumps(written, indent=2))
        self.process: subprocess.Popen | None = None
        # The limit of open files that it is started with; None for that of the tests.
        self.open_files: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *arguments: str, ready: bool = True) -> "Gateway":
        """Waits until it is ready, or only until it says what it waits for; `arguments` are those of `serve`."""
        with self.log_path.open("ab") as log:
            limit = [] if self.open_files is None else ["prlimit", f"--nofile={self.open_files}"]
            command = [*limit, BINARY, "--config", self.config_path, "serve", *arguments]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, env=self.environment)
        if ready:
            wait.until(self.is_ready, "the gateway is ready", seconds=30)
        else:
            wait.until(self.is_blocked, "the gateway names a failing check", seconds=30)
        return self

    def is_blocked(self) -> bool:
        return self.probe("/healthz") == 200 and self.readiness()[2] != []

    def is_ready(self) -> bool:
        return self.probe("/readyz") == 200

    def probe(self, path: str) -> int | None:
        """The status of the answer, None while the process does not listen yet; it must not have ended."""
        assert self.process.poll() is None, f"the gateway ended with {self.process.returncode}:\n{self.log()}"
        try:
            return self.get(path).status
        except (ConnectionError, EOFError):
            return None

    def readiness(self) -> tuple[int, str, list[str]]:
        """What `/readyz` answers: status, word, failing checks."""
        answer = self.get("/readyz")
        document = answer.json()
        return answer.status, document["status"], document["failing"]

    def command(self, *arguments: str) -> subprocess.CompletedProcess:
        command = [BINARY, "--config", self.config_path, *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=self.folder, env=self.environment, timeout=30
        )

    def create_key(
        self, name: str = "test", models: str = "all", expires: str | None = None, team: str | None = None
    ) -> Key:
        extra = [*(["--expires", expires] if expires else []), *(["--team", team] if team else [])]
        done = self.command("keys", "create", "--name", name, "--models", models, *extra, "--json")
        assert done.returncode == 0, done.stderr
        created = json.loads(done.stdout)
        key = Key(created["public_id"], created["key"])
        self.secrets.append(key.secret)
        return key

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict | None = None, timeout: float = 20
    ) -> Answer:
        with Client(self.port, timeout) as client:
            client.send_request(method, path, headers or {}, body)
            return client.read_answer()

    def get(self, path: str, headers: dict | None = None) -> Answer:
        return self.request("GET", path, headers=headers)

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def expect_log(self, text: str) -> None:
        """The gateway writes its log a moment after what it logs."""
        wait.until(lambda: text in self.log(), f"the log has {text!r}")

    def log_line(self, request_id: str) -> str:
        """The line of this request; the gateway writes lines a moment after the answer."""
        found = ""

        def is_there() -> bool:
            nonlocal found
            found = next((line for line in self.log().splitlines() if request_id in line), "")
            return bool(found)

        wait.until(is_there, f"{request_id} is in the log")
        return found

    def memory_mib(self, field: str = "VmRSS") -> float:
        """Resident memory now (`VmRSS`) or at its highest (`VmHWM`)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) / 1024

    def processor_seconds(self) -> float:
        """The processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_alive(self) -> bool:
        return self.process.poll() is None and self.get("/healthz").status == 200

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float = 30) -> int:
        return self.process.wait(seconds)

    def kill(self) -> None:
        """As a crash or the kernel ends it."""
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        """Stops it as an operator does; checks its promises: exit code 0, and no secret in its log."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.terminate()
        try:
            code = self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"the gateway did not stop within 30 s:\n{self.log()[-4000:]}") from None
        assert code == 0, f"the gateway ended with {code}:\n{self.log()[-4000:]}"
        log = self.log()
        for secret in self.secrets:
            assert secret not in log, f"a secret is in the log: …{log[max(0, log.index(secret) - 200) :][:400]}"
