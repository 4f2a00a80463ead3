"""The frames, against pycrdt's own."""

from __future__ import annotations

import pytest
from pycrdt import (
    create_awareness_message,
    create_sync_message,
    create_update_message,
    handle_sync_message,
)

from tinybase_widget import FrameError, create_doc
from tinybase_widget.sync._frames import Frame, FrameKind, read_frame, write_frame

PAYLOADS = [b"", b"\x00", b"abc", bytes(200), bytes(70_000)]


@pytest.mark.parametrize("payload", PAYLOADS, ids=len)
@pytest.mark.parametrize(
    "kind", [FrameKind.STEP_1, FrameKind.STEP_2, FrameKind.UPDATE, FrameKind.AWARENESS]
)
def test_a_written_frame_reads_back(kind: FrameKind, payload: bytes) -> None:
    assert read_frame(write_frame(kind, payload)) == Frame(kind, payload)


@pytest.mark.parametrize("payload", PAYLOADS, ids=len)
def test_frames_are_those_of_pycrdt(payload: bytes) -> None:
    assert write_frame(FrameKind.UPDATE, payload) == create_update_message(payload)
    assert write_frame(FrameKind.AWARENESS, payload) == create_awareness_message(payload)


def test_step_1_is_answered_by_pycrdt_with_step_2() -> None:
    doc = create_doc()
    assert write_frame(FrameKind.STEP_1, doc.get_state()) == create_sync_message(doc)
    answer = handle_sync_message(write_frame(FrameKind.STEP_1, b"\x00")[1:], doc)
    assert answer is not None
    assert read_frame(answer).kind is FrameKind.STEP_2


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\x00\x00", b"\x00\x02\x05ab", b"\x80", b"\x01\x05"]
)
def test_bytes_that_are_no_frame_are_refused(data: bytes) -> None:
    with pytest.raises(FrameError, match=f"{len(data)} bytes that are no y-protocols frame"):
        read_frame(data)


@pytest.mark.parametrize("data", [b"\x02\x00", b"\x03", b"\x00\x07\x00"])
def test_frames_of_other_protocols_are_recognized_as_such(data: bytes) -> None:
    assert read_frame(data).kind is FrameKind.OTHER
