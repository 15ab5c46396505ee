"""pgbouncer in transaction mode before a PostgreSQL server, where it is installed."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from . import wait
from .gateway import free_port

PROGRAM = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


class Pooler:
    """Gives each transaction one of two connections to the server of `url`, whichever is free."""

    def __init__(self, url: str):
        # Not in pytest's folders, which are the user's own: the pooler runs as another.
        self.folder = folder = Path(tempfile.mkdtemp(prefix="sluice-pooler."))
        folder.chmod(0o755)
        target = urlsplit(url)
        self.port = free_port()
        self.url = urlunsplit(target._replace(netloc=f"{target.username}:{target.password}@127.0.0.1:{self.port}"))
        users = folder / "users.txt"
        users.write_text(f'"{target.username}" "{target.password}"\n')
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            f"""[databases]
* = host={target.hostname} port={target.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = plain
auth_file = {users}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
logfile = {folder}/pgbouncer.log
"""
        )
        # It refuses to run as root.
        for path in (users, settings):
            path.chmod(0o644)
        self.log = (folder / "output.log").open("wb")
        (folder / "pgbouncer.log").touch()
        (folder / "pgbouncer.log").chmod(0o666)
        command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", PROGRAM, "-q", str(settings)]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        wait.until(self._listens, "pgbouncer listens", seconds=10)

    def _listens(self) -> bool:
        import socket

        assert self.process.poll() is None, Path(self.log.name).read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        shutil.rmtree(self.folder)
