"""The scripts behind the Makefile."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tools._checkout import ROOT, Stamp, digest
from tools._javascript import _is_supported
from tools._steps import SetupError, Step, Steps

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("version", "is_supported"),
    [
        ((18, 20), False),
        ((20, 18), False),
        ((20, 19), True),
        ((21, 7), False),
        ((22, 12), False),
        ((22, 13), True),
        ((23, 9), False),
        ((24, 0), True),
        ((26, 1), True),
    ],
)
def test_only_versions_of_node_that_the_tools_accept_are_used(
    version: tuple[int, int], *, is_supported: bool
) -> None:
    assert _is_supported(*version) is is_supported


def test_a_step_says_how_it_went(capsys: pytest.CaptureFixture[str]) -> None:
    with Steps(2).step("Kettle") as step:
        step.outcome = "boiling"
    assert capsys.readouterr().out == "[1/2] Kettle ... boiling\n"


def test_a_step_keeps_the_output_of_a_command_that_works_to_itself(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Step().run([sys.executable, "-c", "print('noise')"], cwd=tmp_path, env=os.environ)
    assert "noise" not in capfd.readouterr().out


def test_a_step_shows_both_ends_of_the_output_of_a_command_that_fails(tmp_path: Path) -> None:
    program = "[print('line', i) for i in range(1000)]; raise SystemExit(3)"
    with pytest.raises(SetupError) as failed:
        Step().run([sys.executable, "-c", program], cwd=tmp_path, env=os.environ)
    text = str(failed.value)
    assert "exit code 3" in text
    assert "line 0\n" in text
    assert "line 999" in text
    assert "line 500\n" not in text


def test_a_step_names_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no-such-program did not start"):
        Step().run(["no-such-program"], cwd=tmp_path, env={})


def test_a_digest_tells_files_and_words_apart() -> None:
    license_file, readme = ROOT / "LICENSE", ROOT / "README.md"
    digests = {
        digest([license_file]),
        digest([readme]),
        digest([license_file, readme]),
        digest([license_file], "3.10"),
    }
    assert len(digests) == 4


def test_a_stamp_is_gone_while_its_step_is_under_way(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "stamp")
    stamp.write("done")
    assert stamp.read() == "done"
    stamp.clear()
    assert stamp.read() == ""
