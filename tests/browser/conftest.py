"""Fixtures of the browser tests: one JupyterLab server and one Chromium for all of them.

Each test gets fresh copies of the notebooks, fresh kernels and a browser context of its own, or
shares a page, the `stage`, with those of its file. A test fails when the browser's console has an
error that is the widget's, or the page raised one.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import comm
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.contexts import failing_on, watched_context
from tests.browser.documents import Desk, collaboration_options
from tests.browser.host import Host, HostComm
from tests.browser.lab import LEFT, RIGHT, WORKSPACE, Lab, Notebook
from tests.browser.server import JupyterServer, Kernel
from tests.browser.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

expect.set_options(timeout=30_000)
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A JupyterLab server on copies of the notebooks."""
    root = tmp_path_factory.mktemp("root")
    server = JupyterServer.start(root, tmp_path_factory.mktemp("home"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser that `make test` has found or installed.

    A file's own, since Playwright keeps an event loop running as long as it is there: tests of
    other folders that come after these in a process need one of their own.
    """
    path = os.environ.get("TINYBASE_WIDGET_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


def copy_notebooks(server: JupyterServer) -> None:
    """Put the notebooks as they are below the server's root, and forget all layouts."""
    shutil.rmtree(server.workspaces, ignore_errors=True)
    for name in ("two_kernels", "data"):
        shutil.rmtree(server.root / name, ignore_errors=True)
        # What the server was told to save may come in between.
        shutil.copytree(NOTEBOOKS / name, server.root / name, dirs_exist_ok=True)


@pytest.fixture
def notebooks(server: JupyterServer) -> Iterator[Path]:
    """Fresh notebooks below the server's root, and no kernels or layouts of other tests."""
    copy_notebooks(server)
    yield server.root
    server.end_sessions()


@pytest.fixture
def console() -> list[str]:
    """The errors of all pages so far."""
    return []


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    """What a browser profile is made with beyond the usual; a file may have its own."""
    return {}


@pytest.fixture
def context(
    chromium: Browser, console: list[str], profile: dict[str, Any]
) -> Iterator[BrowserContext]:
    """A fresh browser profile; its pages' errors end up in `console`, and fail the test."""
    with failing_on(console), watched_context(chromium, console, **profile) as context:
        yield context


@pytest.fixture(scope="module")
def stage_browser(chromium: Browser) -> Browser:
    """What the shared page is opened in; a file may have its own."""
    return chromium


@pytest.fixture(scope="module")
def errors() -> list[str]:
    """What the shared pages logged as errors."""
    return []


@pytest.fixture(scope="module")
def shared_context(
    stage_browser: Browser, server: JupyterServer, profile: dict[str, Any], errors: list[str]
) -> Iterator[BrowserContext]:
    """A browser profile for all tests of a file, at whose end no kernel is left."""
    with watched_context(stage_browser, errors, **profile) as context:
        yield context
        server.end_sessions()


@pytest.fixture(scope="module")
def other_context(chromium: Browser, errors: list[str]) -> Iterator[BrowserContext]:
    """A second one, which somebody else has."""
    with watched_context(chromium, errors) as context:
        yield context


@pytest.fixture(scope="module")
def shared(shared_context: BrowserContext, server: JupyterServer) -> Iterator[Stage]:
    """One page and a notebook of one cell, for all tests of a file."""
    stage = Stage(shared_context, server)
    yield stage
    stage.kernel.close()


@pytest.fixture
def stage(shared: Stage, errors: list[str]) -> Iterator[Stage]:
    """The shared page; errors on it fail the test that made them."""
    with failing_on(errors):
        yield shared


@pytest.fixture
def host(context: BrowserContext, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A page that is not Jupyter's; the widgets of the test are handed over to it."""
    monkeypatch.setattr(comm, "create_comm", HostComm)
    return Host(context)


@pytest.fixture
def new_lab(context: BrowserContext, notebooks: Path, server: JupyterServer) -> Callable[[], Lab]:
    """Opens one more tab."""
    del notebooks

    def open_tab() -> Lab:
        return Lab(context.new_page(), server)

    return open_tab


@pytest.fixture
def lab(new_lab: Callable[[], Lab]) -> Lab:
    """The demo's two notebooks side by side."""
    return new_lab().open(WORKSPACE)


@pytest.fixture
def left(lab: Lab) -> Notebook:
    """The left notebook."""
    return lab.notebook(LEFT)


@pytest.fixture
def right(lab: Lab) -> Notebook:
    """The right notebook."""
    return lab.notebook(RIGHT)


@pytest.fixture
def kernels(server: JupyterServer) -> Iterator[Callable[[str], Kernel]]:
    """Gives a way into the kernel of a notebook."""
    opened: list[Kernel] = []

    def kernel(path: str) -> Kernel:
        opened.append(server.kernel(path))
        return opened[-1]

    yield kernel
    for each in opened:
        each.close()


@pytest.fixture(scope="session")
def document_servers(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], JupyterServer]]:
    """One server with jupyter-collaboration and one without, started when first asked for."""
    started: dict[str, JupyterServer] = {}

    def server(kind: str) -> JupyterServer:
        if kind not in started:
            home = tmp_path_factory.mktemp("home")
            has_collaboration = kind == "several"
            started[kind] = JupyterServer.start(
                tmp_path_factory.mktemp(kind),
                home,
                *(collaboration_options(home) if has_collaboration else ()),
                has_collaboration=has_collaboration,
            )
        return started[kind]

    yield server
    for each in started.values():
        each.stop()


@pytest.fixture
def desk(
    context: BrowserContext,
    document_servers: Callable[[str], JupyterServer],
    request: pytest.FixtureRequest,
) -> Desk:
    """JupyterLab with a fresh folder; `kind` says whether for one or for several people."""
    kind: str = request.param if hasattr(request, "param") else "several"
    folder = f"test-{abs(hash(request.node.name)):x}"
    return Desk(context, document_servers(kind), folder)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Leave a screenshot of every page of a failed test in test-results/."""
    outcome: Any = yield
    if call.when == "call" and outcome.get_result().failed:
        given = getattr(item, "funcargs", {})
        contexts = [*given.values(), getattr(given.get("pair"), "context", None)]
        pages = [
            page for each in contexts if isinstance(each, BrowserContext) for page in each.pages
        ]
        folder = Path(__file__).parents[2] / "test-results"
        folder.mkdir(exist_ok=True)
        for number, page in enumerate(pages):
            _take_screenshot(page, folder / f"{item.name}-{number}.png")


def _take_screenshot(page: Page, path: Path) -> None:
    page.screenshot(path=path)
