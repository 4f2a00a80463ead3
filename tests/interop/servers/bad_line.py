"""A server at one end of a bad line, and peers at both: what `line_relay` is told to be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE, THERE = "10.99.0.1", "10.99.0.2"
_RELAY = Path(__file__).with_name("line_relay.py")
_HELP = """\
a line between two network namespaces can't be made here. It takes the programs `unshare`, `nsenter`
and `ip` (Debian's util-linux and iproute2), the device /dev/net/tun (`modprobe tun`), and leave to
make user namespaces: as root `sysctl -w user.max_user_namespaces=10000`, on Ubuntu also
`sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, in a container
`--security-opt seccomp=unconfined --device /dev/net/tun`. It said: """


class BadLine:
    """A line.

    Args:
        seed: What happens to which packet.
    """

    def __init__(self, seed: int = 0) -> None:
        command = ["unshare", "--user", "--map-root-user", "--net", sys.executable, str(_RELAY)]
        try:
            self._relay = subprocess.Popen(
                [*command, HERE, THERE, str(seed)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        except OSError as error:
            raise AssertionError(f"{_HELP}{error}") from error
        assert self._relay.stdout is not None
        line = self._relay.stdout.readline()
        if not line:
            _, words = self._relay.communicate()
            raise AssertionError(f"{_HELP}{words.strip()}")
        self._ends: dict[str, int] = json.loads(line)

    def at(self, end: str) -> list[str]:
        """Return what to put before a command that is to run "here" or "there"."""
        target = str(self._ends[end])
        return ["nsenter", "--preserve-credentials", "--user", "--net", "--target", target]

    def be(self, **how: Any) -> None:
        """Be as told: delay in seconds, loss and reorder as parts, cut or not."""
        assert self._relay.stdin is not None
        self._relay.stdin.write(json.dumps(how) + "\n")
        self._relay.stdin.flush()

    def close(self) -> None:
        """End it."""
        self._relay.kill()
        self._relay.communicate()
