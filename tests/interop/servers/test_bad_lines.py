"""`tinybase-widget serve` at the other end of a bad line: everybody has the same in the end.

Kernels and npm's TinyBase are at one end, the server and a kernel at the other; all of them edit
while packets are late, lost, out of order, or do not arrive at all.
"""

from __future__ import annotations

import os
import random
import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.interop.servers.bad_line import THERE, BadLine
from tests.interop.servers.conftest import Kernel, Peer, Server, TinyBase
from tests.waiting import wait_until
from tinybase_widget.server._shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

IS_LONG = bool(os.environ.get("TINYBASE_FUZZ"))
SEEDS, STEPS = (5, 20) if IS_LONG else (1, 5)
CUT_S = [0.1, 2.0, 5.0, 60.0] if IS_LONG else [0.1, 1.0]
HEALED_S = 180 if IS_LONG else 120  # TCP and our own pauses have grown meanwhile
FINE: dict[str, Any] = {"delay": 0.0, "loss": 0.0, "reorder": 0.0, "cut": False}


class World(NamedTuple):
    """A line, what is at its ends, and what everybody should have."""

    line: BadLine
    server: Server
    peers: list[Peer]
    expected: dict[str, Any]

    def edit(self, when: object) -> None:
        """Let everybody edit."""
        for number, peer in enumerate(self.peers):
            for step in range(5):
                self.expected[f"{when} {number} {step}"] = step
                peer.set_cell("pets", "fido", f"{when} {number} {step}", step)

    def converges(self) -> None:
        """Wait until everybody has everything."""
        for peer in self.peers:
            wait_until(partial(peer.shows, "pets", {"fido": self.expected}), HEALED_S)


@pytest.fixture
def make_world(
    tmp_path: Path,
    start_server: Callable[..., Server],
    start_peer: Callable[..., Any],
) -> Iterator[Callable[[int], World]]:
    """Make worlds; their lines end with the test."""
    lines: list[BadLine] = []

    def make(seed: int) -> World:
        line = BadLine(seed)
        lines.append(line)
        shelf = Shelf(tmp_path / "rooms.db")
        token = shelf.grants.make("edit", None, None)
        shelf.close()
        server = start_server("serve", at=line.at("there"), host=THERE)
        peers = [start_peer(Kernel, line.at("here")) for _ in range(2)]
        peers += [start_peer(TinyBase, line.at("here")), start_peer(Kernel, line.at("there"))]
        expected: dict[str, Any] = {"species": "dog"}
        peers[0].set_cell("pets", "fido", "species", "dog")
        for peer in peers:
            peer.call("join", "y-websocket", server.url, "zoo", token)
            if isinstance(peer, Kernel):
                assert peer.call("wait", 60)
        return World(line, server, peers, expected)

    yield make
    for line in lines:
        line.close()


def test_peers_at_the_ends_of_a_bad_line_agree_in_the_end(
    make_world: Callable[[int], World],
) -> None:
    world = make_world(1)
    world.line.be(delay=0.03, loss=0.1, reorder=0.2)
    for step in range(5):
        world.edit(f"bad {step}")
    world.line.be(cut=True)
    world.edit("cut")
    assert not world.peers[0].call("wait", 0.5)
    assert world.peers[-1].call("wait", 60)
    world.line.be(cut=False)
    world.edit("bad again")
    world.converges()


def test_a_server_killed_behind_a_bad_line_loses_nothing(
    make_world: Callable[[int], World],
) -> None:
    world = make_world(2)
    world.line.be(delay=0.02, loss=0.05, reorder=0.1)
    world.edit("before")
    world.server.kill()
    world.edit("while it is down")
    world.server.start()
    world.edit("after")
    world.converges()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_peers_agree_whatever_the_line_does(seed: int, make_world: Callable[[int], World]) -> None:
    rng = random.Random(seed)  # noqa: S311
    world = make_world(seed)
    for step in range(STEPS):
        how = rng.choice(["fine", "bad", "bad", "awful", "cut", "kill"])
        if how == "kill":
            world.server.kill()
            world.edit(step)
            world.server.start()
        elif how == "cut":
            world.line.be(cut=True)
            world.edit(step)
            time.sleep(rng.choice(CUT_S))  # nothing tells that packets have been lost for so long
            world.line.be(cut=False)
        else:
            part = {"fine": 0.0, "bad": 0.5, "awful": 1.0}[how]
            world.line.be(
                delay=part * rng.uniform(0, 0.3),
                loss=part * rng.uniform(0, 0.3),
                reorder=part * rng.uniform(0, 0.5),
            )
            world.edit(step)
    world.line.be(**FINE)
    world.converges()
