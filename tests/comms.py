"""A comm of a test's own, in place of the one to a page."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from comm.base_comm import BaseComm

if TYPE_CHECKING:
    from collections.abc import Sequence


class CaughtComm(BaseComm):
    """A comm whose messages to the page stay with the test."""

    def publish_msg(
        self,
        msg_type: str,
        data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        buffers: Sequence[Any] | None = None,
        **keys: Any,
    ) -> None:
        """Take what the kernel sends."""
        del metadata, keys
        self.take(msg_type, data or {}, buffers or ())

    @abstractmethod
    def take(self, kind: str, data: dict[str, Any], buffers: Sequence[Any]) -> None:
        """Take a message to the page."""
