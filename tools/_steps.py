"""Set-up work told in short numbered lines, with the details kept back until they matter.

A step prints what it is about, grows a dot every few seconds while its commands run, and closes
with how it went and how long it took:

    [2/5] Python packages: the first time takes a minute or two ....... installed (48 s)

What its commands print goes to a log. It is shown when one of them fails, and only then.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_DOT_EVERY = 3.0  # seconds
# Of a long log: npm names the cause in its first lines, pip in its last ones.
_HEAD, _TAIL = 20, 40


class SetupError(Exception):
    """Something that set-up needs is missing or failed; the text says what to do about it."""


class Step:
    """One step under way: runs commands, and remembers in a word what came of them."""

    def __init__(self) -> None:
        self.outcome = "done"

    def run(self, command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str]) -> None:
        """Run a command to its end, its output kept in a log.

        Args:
            command: The program and its arguments.
            cwd: The folder to run it in.
            env: Its whole environment.

        Raises:
            SetupError: When it fails or is not there; the text ends with its output.
        """
        words = [str(word) for word in command]
        with tempfile.TemporaryFile() as log:
            try:
                process = subprocess.Popen(
                    words,
                    cwd=cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            except OSError as error:
                raise SetupError(f"{words[0]} did not start: {error}") from error
            while not _has_ended(process, within=_DOT_EVERY):
                print(".", end="", flush=True)
            if process.returncode:
                log.seek(0)
                shown = _abridge(log.read().decode(errors="replace").strip())
                raise SetupError(
                    f"`{' '.join(words)}` failed with exit code {process.returncode}:\n\n{shown}"
                )


class Steps:
    """Numbers the steps of one set-up and prints them."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Announce a step; on the way out, say how it went and how long it took."""
        self._number += 1
        print(f"[{self._number}/{self._total}] {title} ", end="", flush=True)
        begin = time.monotonic()
        step = Step()
        try:
            yield step
        except BaseException:
            print(" failed", flush=True)
            raise
        seconds = time.monotonic() - begin
        took = f" ({seconds:.0f} s)" if seconds >= 1 else ""
        print(f"... {step.outcome}{took}", flush=True)


def _has_ended(process: subprocess.Popen[bytes], *, within: float) -> bool:
    """Wait for a process for some seconds; say whether it has ended."""
    try:
        process.wait(timeout=within)
    except subprocess.TimeoutExpired:
        return False
    return True


def _abridge(text: str) -> str:
    """Leave out the middle of a long text."""
    lines = text.splitlines()
    if len(lines) <= _HEAD + _TAIL:
        return text
    left_out = f"[... {len(lines) - _HEAD - _TAIL} lines ...]"
    return "\n".join([*lines[:_HEAD], left_out, *lines[-_TAIL:]])
