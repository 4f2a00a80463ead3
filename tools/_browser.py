"""A Chromium for the browser tests: never skipped, so found or installed, or set-up stops.

Asked in this order: what TINYBASE_WIDGET_CHROMIUM names, a Chromium or Chrome on PATH, Debian's
package where apt-get may be used, Playwright's own build.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess

from tools._checkout import ROOT, VENV_PYTHON, environment
from tools._steps import SetupError, Step

VARIABLE = "TINYBASE_WIDGET_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_LAUNCH = """\
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    playwright.chromium.launch().close()
"""
_ADVICE = """\
The browser tests need a Chromium, and none could be found or installed. Any of these will do:
  - on Debian, as root:    apt-get install chromium
  - on Ubuntu, as root:    .venv/bin/playwright install --with-deps chromium
  - anywhere:              install Google Chrome or Chromium so that it is on PATH
  - one elsewhere on disk: make test {variable}=/path/to/chromium

{reason}"""


def find_chromium() -> str:
    """Give the path of the Chromium to test with; an empty text means Playwright's own."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    for name in _NAMES:
        path = shutil.which(name)
        if path and _serves(path):
            return path
    return ""


def install_chromium(step: Step) -> None:
    """See to it that there is a Chromium.

    Raises:
        SetupError: When there is none and none could be installed; the text says what to install.
    """
    path = find_chromium()
    if path and not _serves(path):
        raise SetupError(f"{VARIABLE} names {path}, which is not a Chromium that runs here.")
    if not path and _can_use_apt():
        _install_from_debian(step)
        path = find_chromium()
    if not path:
        _install_from_playwright(step)
    step.outcome = path or "Playwright's own Chromium"


def _serves(path: str) -> bool:
    """Say whether this is a Chromium that runs; Ubuntu's snap is none: it cannot see /tmp."""
    try:
        probe = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return probe.returncode == 0 and "Chrom" in probe.stdout and "snap" not in probe.stdout


def _can_use_apt() -> bool:
    """Say whether `apt-get install chromium` is open to us; on Ubuntu it only gives a snap."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def _install_from_debian(step: Step) -> None:
    env = environment() | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        step.run(["apt-get", "update", "-qq"], cwd=ROOT, env=env)
        step.run(
            ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", "chromium"],
            cwd=ROOT,
            env=env,
        )
    except SetupError as error:
        raise SetupError(_ADVICE.format(variable=VARIABLE, reason=error)) from error


def _install_from_playwright(step: Step) -> None:
    env = environment()
    try:
        step.run([VENV_PYTHON, "-m", "playwright", "install", "chromium"], cwd=ROOT, env=env)
        step.run([VENV_PYTHON, "-c", _LAUNCH], cwd=ROOT, env=env)
    except SetupError as error:
        raise SetupError(_ADVICE.format(variable=VARIABLE, reason=error)) from error
