"""What came of frames that a room was given."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Taken:
    """What came of some frames.

    Attributes:
        answers: The frames to answer with.
        is_whole: Whether every change among them is in the document now.
    """

    answers: list[bytes] = field(default_factory=list)
    is_whole: bool = True
