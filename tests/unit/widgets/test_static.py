"""The built JavaScript."""

from __future__ import annotations

import re

import pytest

from tinybase_widget.widgets._static import static_bytes, static_hash


def test_the_loader_is_small_enough_to_go_with_every_widget() -> None:
    assert len(static_bytes("loader.js")) < 10_000


def test_the_runtime_is_small_enough_to_be_sent_once_a_page() -> None:
    assert len(static_bytes("runtime.js")) < 530_000


def test_what_joins_a_server_goes_with_the_wish_for_it() -> None:
    assert len(static_bytes("server.js")) < 15_000


def test_a_hash_is_short_and_tells_files_apart() -> None:
    hashes = {static_hash(name) for name in ("loader.js", "runtime.js")}
    assert len(hashes) == 2
    assert all(re.fullmatch(r"[0-9a-f]{16}", each) for each in hashes)


def test_a_file_that_was_not_built_is_named_with_what_to_do() -> None:
    with pytest.raises(FileNotFoundError, match=r"other\.js is not there: .*`make build`"):
        static_bytes("other.js")
