"""A save that meets a change of the file, in jupyter-collaboration's own room and loader."""

from __future__ import annotations

import asyncio
import os
from logging import getLogger
from typing import TYPE_CHECKING, Any

import pytest
from jupyter_events import EventLogger
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyter_server_fileid.manager import ArbitraryFileIdManager
from jupyter_server_ydoc.loaders import FileLoader
from jupyter_server_ydoc.rooms import DocumentRoom

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 30
NAME = "zoo.tinybase.json"
BEFORE = '[{"pets":{"fido":{"age":3}}},{}]'
OUTSIDE = '[{"pets":{"fido":{"age":4}}},{}]'


class Emitting(EventLogger):
    """A logger of events that nobody reads."""

    def emit(self, **_event: Any) -> None:
        """Do nothing."""


def write(path: Path, text: str, later_s: float) -> None:
    """Write a file as somebody else does, so much later than it was written last."""
    at = path.stat().st_mtime + later_s
    path.write_text(text)
    os.utime(path, (at, at))


async def is_written(path: Path, text: str) -> None:
    while path.read_text() != text:  # noqa: ASYNC110, ASYNC240 - it is a small file
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("edit", [None, 7], ids=["nothing new", "an edit"])
def test_a_save_that_overtakes_a_change_of_the_file_takes_nothing_from_it(
    tmp_path: Path, edit: int | None
) -> None:
    async def run() -> None:
        path = tmp_path / NAME
        path.write_text(BEFORE)
        ids = ArbitraryFileIdManager(root_dir=str(tmp_path), db_path=str(tmp_path / "ids.db"))
        loader = FileLoader(ids.index(NAME), ids, AsyncLargeFileManager(root_dir=str(tmp_path)))
        room = DocumentRoom(
            "zoo", "text", "tinybase", loader, Emitting(), None, getLogger(), save_delay=0.01
        )
        await room.initialize()
        if edit is not None:
            room._document._content.root["v"]["a"] = edit
        write(path, OUTSIDE, 5)
        noticing = asyncio.create_task(loader.maybe_notify())
        await asyncio.sleep(0)  # it holds the file, and reads it
        assert loader._lock.locked()
        await room._save_to_disc()
        await noticing
        both = OUTSIDE if edit is None else OUTSIDE.replace("{}]", f'{{"a":{edit}}}]')
        await asyncio.wait_for(is_written(path, both), SECONDS)
        await room.stop()

    asyncio.run(run())
