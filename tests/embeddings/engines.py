"""Servers of an engine that tests start, kill and start anew."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer.embeddings.engine.connection import Engine, Unreachable


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server of milvus-lite; what it holds outlives it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = Path(sys.executable).with_name("milvus-lite")
        if not command.exists():
            pytest.skip("milvus-lite is an optional extra: pip install milvus-lite")
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--data-dir", str(self.folder)]
        self.process = subprocess.Popen(
            [command, "server", *place], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout
        assert "listening" in self.process.stdout.readline()

    def hang(self) -> None:
        """Let it answer no more, though it is there."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it as kill -9 and a failing machine do."""
        assert self.process
        self.process.kill()
        self.process.communicate()


class Standalone:
    """The standalone server of Milvus 2.3.5, at its usual ports: it listens to the network, so it is for tests alone.

    `pip install --no-deps milvus==2.3.5` brings it.
    """

    address = "http://127.0.0.1:19530"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def is_missing() -> str:
        """Why there is none; empty where it can be started."""
        if not Path(sys.executable).with_name("milvus-server").exists():
            return "the standalone server is not installed: pip install --no-deps milvus==2.3.5"
        with socket.socket() as probe:
            probe.settimeout(1)
            return "port 19530 is taken" if probe.connect_ex(("127.0.0.1", 19530)) == 0 else ""

    def start(self) -> None:
        server, environment = self.folder / "bin" / "milvus", dict(os.environ)
        if server.exists():  # it was started before; by its script, it would avoid the ports that it has just had
            command = [str(server), "run", "standalone"]
            environment |= {"DEPLOY_MODE": "STANDALONE", "MILVUS_RUN_DIR": str(self.folder / "run")}
            environment |= {"LD_LIBRARY_PATH": str(server.parent)}
        else:
            command = [str(Path(sys.executable).with_name("milvus-server")), "--data", str(self.folder)]
        self.folder.mkdir(exist_ok=True)
        with (self.folder.with_suffix(".log")).open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, env=environment, start_new_session=True
            )
        # one that was killed waits a minute for its own sessions to end
        end, engine = time.monotonic() + 180, Engine(self.address)
        while True:
            try:
                engine.ask("list_collections")
                return
            except Unreachable:
                assert time.monotonic() < end, "the server has not come up in three minutes"
                time.sleep(0.5)

    def kill(self) -> None:
        """End it, and the server that it has started, as kill -9 does."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @property
    def resident(self) -> int:
        """Bytes of memory that the server holds."""
        assert self.process
        sizes = [0]
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if os.getpgid(int(folder.name)) == self.process.pid:
                    pages = int((folder / "statm").read_text().split()[1])
                    sizes.append(pages * os.sysconf("SC_PAGE_SIZE"))
            except (OSError, ValueError):
                continue  # it has ended meanwhile
        return max(sizes)
