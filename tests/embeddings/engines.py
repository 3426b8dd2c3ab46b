"""Servers of an engine that tests start, kill and start anew."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest


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
