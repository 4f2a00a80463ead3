"""A bad line between two network namespaces: it delays packets, drops, reorders and cuts them.

Started in a user and a network namespace of its own (`unshare --user --map-root-user --net`), where
it makes a TUN device, goes on into a second network namespace, makes another one, and carries the
packets between the two. So what runs at its ends are real TCP connections over a line that is as
bad as it is told to be, without a kernel that has `netem`.

It prints {"here": process id, "there": process id}: `nsenter` finds the namespaces by them. Each
line that it reads is {"delay": seconds, "loss": part, "reorder": part, "cut": bool}.
"""

from __future__ import annotations

import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_TUN_SET_INTERFACE, _TUN, _NO_PACKET_INFO = 0x400454CA, 0x0001, 0x1000
_CLONE_NEWNET = 0x40000000
_MOST_PACKET = 65536
_LATE = 5.0  # a reordered packet takes so many times the delay


def _device(own: str, other: str) -> int:
    """Return a TUN device of this namespace, with an address and the one at the other end."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUN_SET_INTERFACE, struct.pack("16sH", b"line", _TUN | _NO_PACKET_INFO))
    for command in (
        f"ip addr add {own} peer {other} dev line",
        "ip link set line up",
        "ip link set lo up",
    ):
        subprocess.run(command.split(), check=True)
    return device


def _leave_network() -> None:
    """Go into a new network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "a network namespace can't be made")


class Relay:
    """Carries packets between two devices."""

    def __init__(self, devices: list[int], seed: int) -> None:
        self.delay = self.loss = self.reorder = 0.0
        self.cut = False
        self._devices = devices
        self._random = random.Random(seed)  # noqa: S311
        self._waiting: list[tuple[float, int, int, bytes]] = []
        self._count = 0

    def run(self) -> None:
        """Carry packets until standard input ends."""
        commands = sys.stdin.fileno()
        os.set_blocking(commands, False)
        text = b""
        while True:
            pause = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None
            ready, _, _ = select.select([*self._devices, commands], [], [], pause)
            for file in ready:
                if file == commands:
                    data = os.read(commands, _MOST_PACKET)
                    if not data:
                        return
                    text += data
                    *lines, text = text.split(b"\n")
                    for line in lines:
                        self.__dict__.update(json.loads(line))
                else:
                    self._take(file)
            self._send()

    def _take(self, device: int) -> None:
        try:
            while True:
                packet = os.read(device, _MOST_PACKET)
                if self.cut or self._random.random() < self.loss:
                    continue
                delay = self.delay * self._random.uniform(0.7, 1.3)
                if self._random.random() < self.reorder:
                    delay *= _LATE
                other = self._devices[1 - self._devices.index(device)]
                self._count += 1
                due = time.monotonic() + delay
                heapq.heappush(self._waiting, (due, self._count, other, packet))
        except BlockingIOError:
            return

    def _send(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            *_, device, packet = heapq.heappop(self._waiting)
            if not self.cut:
                try:
                    os.write(device, packet)
                except BlockingIOError:
                    continue  # a full device loses packets


def main(here: str, there: str, seed: str) -> None:
    """Make the namespaces and carry packets."""
    devices = [_device(here, there)]
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as holder:
        _leave_network()
        devices.append(_device(there, here))
        ends: dict[str, Any] = {"here": holder.pid, "there": os.getpid()}
        print(json.dumps(ends), flush=True)  # noqa: T201
        Relay(devices, int(seed)).run()


if __name__ == "__main__":
    os.chdir(Path(__file__).parent)
    main(*sys.argv[1:])
