"""A host of widgets that is no Jupyter page: each output in a frame of its own, with its own rules.

VS Code shows outputs in a webview that may have a Content-Security-Policy, Colab shows each cell's
output in a frame of an origin of its own. Real are the widget in Python, its loader, its runtime
and Chromium; in place of the host's kernel connection, messages are handed over by hand.
"""

from __future__ import annotations

import base64
import json
import time
from collections import deque
from html import escape
from typing import TYPE_CHECKING, Any

from tests.browser.lab import Grid
from tests.comms import CaughtComm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from playwright.sync_api import BrowserContext, Frame, Locator

    from tinybase_widget.widgets._live_view import LiveView

ADDRESS = "https://host.example/"
# VS Code's, where `notebook.experimental.enableCsp` is on, and "blob:", which anywidget needs.
WEBVIEW_RULES = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'unsafe-inline'; img-src https: data:; "
    "font-src https:; connect-src https:; child-src https: data:"
)
# An anywidget host: what of a model the widgets use.
_HOST = """async ({ traits, esm, form }) => {
  const handlers = new Map();
  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const forms = {
    view: (bytes) => new DataView(bytes.buffer),
    bytes: (bytes) => bytes,
    buffer: (bytes) => bytes.buffer,
  };
  const emit = (name, ...args) => [...(handlers.get(name) ?? [])].forEach((each) => each(...args));
  const textOf = (buffer) => {
    const { buffer: all, byteOffset, byteLength } = buffer;
    const bytes = new Uint8Array(all, byteOffset, byteLength);
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  };
  const changed = {};
  const model = {
    get: (name) => traits[name],
    set(name, value) {
      traits[name] = value;
      changed[name] = value;
      emit(`change:${name}`);
    },
    save_changes() {
      const state = { ...changed };
      for (const name of Object.keys(changed)) delete changed[name];
      return window.toKernel({ state });
    },
    on: (name, handler) => handlers.set(name, (handlers.get(name) ?? new Set()).add(handler)),
    off: (name, handler) => handlers.get(name)?.delete(handler),
    send: (content, _callbacks, buffers = []) =>
      window.toKernel({ content, buffers: buffers.map(textOf) }),
  };
  window.fromKernel = ({ content, state, buffers }) => {
    for (const [name, value] of Object.entries(state ?? {})) {
      traits[name] = value;
      emit(`change:${name}`);
    }
    if (content) emit('msg:custom', content, buffers.map((text) => forms[form](bytesOf(text))));
  };
  const address = esm.startsWith('data:')
    ? esm
    : URL.createObjectURL(new Blob([esm], { type: 'text/javascript' }));
  const { default: widget } = await import(address);
  const el = document.body.appendChild(document.createElement('div'));
  await widget.initialize?.({ model });
  await widget.render({ model, el });
}"""


class HostComm(CaughtComm):
    """A comm that keeps what the kernel sends until the host hands it on."""

    def __init__(self, **options: Any) -> None:
        self.sent: deque[dict[str, Any]] = deque()
        super().__init__(**options)

    def take(self, kind: str, data: dict[str, Any], buffers: Sequence[Any]) -> None:
        """Keep a message, as it is now."""
        method = data.get("method")
        if kind == "comm_msg" and method in ("custom", "update"):
            name = "content" if method == "custom" else "state"
            texts = [base64.b64encode(bytes(each)).decode() for each in buffers]
            self.sent.append(json.loads(json.dumps({name: data[name], "buffers": texts})))


class Output:
    """A frame that shows a widget."""

    def __init__(self, host: Host, frame: Frame, view: LiveView) -> None:
        self._host = host
        self.frame = frame
        self.view = view

    @property
    def table(self) -> Locator:
        """The live table."""
        return self.frame.locator(".tbw-table")


class Host:
    """A page of outputs and the way between them and their kernel."""

    def __init__(self, context: BrowserContext, address: str = ADDRESS) -> None:
        self.page = context.new_page()
        self.is_connected = True
        self._outputs: list[Output] = []
        self._arrived: deque[tuple[Frame, dict[str, Any]]] = deque()
        context.expose_binding(
            "toKernel", lambda source, message: self._arrived.append((source["frame"], message))
        )
        if address == ADDRESS:  # which nobody serves
            self.page.route(
                address,
                lambda route: route.fulfill(body="<!doctype html><body>", content_type="text/html"),
            )
        self.page.goto(address)

    def show(
        self,
        view: LiveView,
        *,
        rules: str = WEBVIEW_RULES,
        style: str = "",
        form: str = "view",
        esm: str | None = None,
    ) -> Output:
        """Show a widget in a frame of its own, of an origin that is nobody else's.

        Args:
            view: The widget.
            rules: The frame's Content-Security-Policy.
            style: The host's style sheet.
            form: In which form the page is given buffers: "view", "bytes" or "buffer".
            esm: The widget's JavaScript, or the address of it; without it, what Python says.
        """
        html = (
            f'<!doctype html><meta http-equiv="Content-Security-Policy" content="{escape(rules)}">'
            f"<style>{style}</style><body>"
        )
        handle = self.page.evaluate_handle(
            """html => {
                const frame = document.createElement('iframe');
                frame.sandbox = 'allow-scripts';
                frame.style = 'width: 700px; height: 360px';
                frame.srcdoc = html;
                document.body.append(frame);
                return new Promise((resolve) => { frame.onload = () => resolve(frame); });
            }""",
            html,
        )
        element = handle.as_element()
        assert element is not None
        frame = element.content_frame()
        assert frame is not None
        return self.show_in(frame, view, form=form, esm=esm)

    def show_in(
        self, frame: Frame, view: LiveView, *, form: str = "view", esm: str | None = None
    ) -> Output:
        """Show a widget in a frame that is there, or in the page itself."""
        output = Output(self, frame, view)
        self._outputs.append(output)
        traits = {name: value for name, value in view.get_state().items() if name != "_esm"}
        frame.evaluate(_HOST, {"traits": traits, "esm": esm or view._esm, "form": form})
        return output

    def grid(self, view: LiveView, **options: str) -> Grid:
        """Show a widget as `show` does; return its table when it is painted."""
        table = self.show(view, **options).table
        self.wait_for(table.locator("[data-row][data-col]").first.is_visible, "it is painted")
        return Grid(table)

    def wait_for(self, condition: Callable[[], bool], what: str, timeout_s: float = 60) -> None:
        """Hand messages over, both ways, until a condition holds."""
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, f"waited in vain until {what}"
            self._hand_over()
            self.page.wait_for_timeout(10)

    def _hand_over(self) -> None:
        while self._arrived:
            frame, message = self._arrived.popleft()
            if not self.is_connected:
                continue
            view = next(each.view for each in self._outputs if each.frame is frame)
            data: dict[str, Any] = {"method": "update", "state": message.get("state")}
            if "content" in message:
                data = {"method": "custom", "content": message["content"]}
            buffers = [memoryview(base64.b64decode(text)) for text in message.get("buffers", ())]
            view.comm.handle_msg({"content": {"data": data}, "buffers": buffers})
        for view in {id(each.view): each.view for each in self._outputs}.values():
            while self.is_connected and view.comm.sent:
                message = view.comm.sent.popleft()
                for output in self._outputs:
                    if output.view is view:
                        output.frame.evaluate("message => window.fromKernel(message)", message)
