"""How many bytes one edited cell puts on the wire between the page and the kernels.

Counted in the page's websockets (`live_wire`), for edits of a text of five or six letters with two
quiet seconds after each. A message that carries an edit has three parts: our frame (the Yjs update
and its head), our content (JSON: which page or replica it is from), and the comm envelope
(Jupyter's headers with their ids and dates, which is most of it). An edit causes other messages as
well: kernels say that they are busy and idle again, and send the snapshot for the saved notebook
anew, once a second at most. All of them are in the last figures, except for what the demo prints:
its log is off.
"""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING

from bench.live_demo import running_demo, silence_log
from bench.live_wire import Tap, WireMessage
from bench.report import print_table
from tests.browser.lab import LEFT, RIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EDITS = 10
_QUIET_MS = 2_000
_WORDS = ("Dream", "Biscoe")
_AIM = "< 200 B"


def main() -> None:
    """Measure and print."""
    with running_demo() as demo:
        lab = demo.new_lab()
        tap = Tap(lab.page)
        left, _right = demo.run(lab)
        kernels = [demo.server.kernel(path) for path in (LEFT, RIGHT)]
        for kernel in kernels:
            silence_log(kernel)
        grid = left.grid()

        def edits(edit: Callable[[str], None]) -> list[list[WireMessage]]:
            lab.page.wait_for_timeout(_QUIET_MS)
            caused = []
            for number in range(EDITS):
                tap.take()
                edit(_WORDS[number % len(_WORDS)])
                lab.page.wait_for_timeout(_QUIET_MS)
                caused.append([each for each in tap.take() if each.kind in ("", "frames")])
            return caused

        typed = edits(lambda word: grid.edit("0", "island", word))
        assigned = edits(
            lambda word: kernels[1].run(f"store.set_cell('penguins', '1', 'island', {word!r})")
        )
        for kernel in kernels:
            kernel.close()
    print_table(
        f"Bytes on the wire for one edited cell: median of {EDITS}",
        "python -m bench live-bytes",
        ["", "messages", "frame", "content", "frame + content", "aim", "with envelope"],
        [
            _row("edit in the left grid: page -> kernels", typed, to_kernel=True),
            _row("set_cell in the right kernel: kernel -> page", assigned, to_kernel=False),
            _row("  and then on: page -> left kernel", assigned, to_kernel=True),
        ],
        [
            "Sizes are those of one message.",
            f"All that one edit in the grid causes: {_everything(typed)}.",
            f"All that one set_cell causes, running the code included: {_everything(assigned)}.",
        ],
    )


def _row(title: str, caused: list[list[WireMessage]], *, to_kernel: bool) -> list[str]:
    of_edits = [
        [each for each in messages if each.is_change and each.to_kernel is to_kernel]
        for messages in caused
    ]
    changes = [each for messages in of_edits for each in messages]
    return [
        title,
        f"{_median(len(messages) for messages in of_edits):.0f}",
        _bytes(each.frames for each in changes),
        _bytes(each.content for each in changes),
        _bytes(each.frames + each.content for each in changes),
        _AIM,
        _bytes(each.whole for each in changes),
    ]


def _everything(caused: list[list[WireMessage]]) -> str:
    total = _bytes(sum(each.whole for each in messages) for messages in caused)
    sizes: Counter[str] = Counter()
    for messages in caused:
        for each in messages:
            sizes[_name(each)] += each.whole
    parts = ", ".join(f"{name} {size / len(caused):,.0f} B" for name, size in sizes.most_common(5))
    return f"{total} (mean of each: {parts})"


def _name(message: WireMessage) -> str:
    if message.kind:
        return "our messages"
    return "trait updates" if message.message_type == "comm_msg" else message.message_type


def _bytes(sizes: Iterable[int]) -> str:
    return f"{_median(sizes):,.0f} B"


def _median(numbers: Iterable[int]) -> float:
    return statistics.median([*numbers] or [0])


if __name__ == "__main__":
    main()
