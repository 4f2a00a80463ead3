"""The document type of `*.tinybase.json` files, for jupyter-collaboration.

The server has a document for each open file, that pages and kernels join, and this class between
the two: `set` takes what was read from the file, `get` gives what is to be written to it. In the
document, a Store's content has TinyBase's layout, made by the rules of `YjsPersister`; so a Store,
here or in JavaScript, may join it by its Yjs persister.

**A file that others change** is not taken as a whole: what differs from the text that the file had
before is put onto the document, cell by cell, and what people have entered meanwhile stays, and is
saved. The server knows nothing of the text before, so the last one is kept here (`_texts.py`); the
document says by a hash which one is its own, and it outlives the server in the server's store. So
a server that was killed goes on with the edits that had not reached the file. If somebody else has
changed that meanwhile the file is followed, but for those edits: the document also says by Yjs'
state vector what of it had been saved.

**A file that is empty of a sudden** is one that somebody is about to write, or was when the machine
stopped: most programs empty a file first. It changes nothing, and is written anew if nothing comes.

**A save that overtakes a change**: while the server reads a file that has been changed, a save may
wait whose text was made before, and is then written over the change. The document has the change by
then, so it is saved again.

**A file that is no Store's JSON** leaves the content as it is. Its text goes into the document's
state, for people to see, and is what `get` gives until it is mended: it is never written over.

What is read for the first time goes into the document by client ids that depend on nothing but the
text. A room that is made anew from a file is then the same for a page that had joined the old one.

Source: `jupyter_ydoc.YBaseDoc`; the layout is TinyBase's.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_ydoc.ybasedoc import YBaseDoc
from pycrdt import Doc

from tinybase_widget._exceptions import PersistedContentError
from tinybase_widget._order import natural_sorted
from tinybase_widget.documents._entered import entered_since
from tinybase_widget.documents._merging import merge, presumed_before
from tinybase_widget.documents._texts import FileText, file_texts, hash_of
from tinybase_widget.persisters._json_content import read_content
from tinybase_widget.persisters._yjs_containers import DEFAULT_MAP_NAME
from tinybase_widget.persisters._yjs_content import YjsContent
from tinybase_widget.store import Store
from tinybase_widget.store._encoded import EncodedReader, set_encoded_content, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pycrdt import Awareness

_FILE = "tinybase/file"
_SAVED = "tinybase/saved"
_UNREADABLE = "tinybase/unreadable"
# What the server notes for itself. Told of that, it would write a file that was only opened.
_NOTES = frozenset({"document_id", "hash", "path"})
_EMPTY = "[{},{}]"
_SAVE_DELAY_S = 0.05


class YTinyBase(YBaseDoc):
    """A Store's content as a document of jupyter-collaboration, the type of `*.tinybase.json`.

    Jupyter's server makes it; it is found by the entry point "tinybase" of the group
    "jupyter_ydoc".

    Args:
        ydoc: The document; without it, a new one.
        awareness: Who is there, which is nothing to this class.

    Raises:
        MissingExtraError: On import, where `jupyter_ydoc` is not installed.

    Example:
        >>> from tinybase_widget import Store, YTinyBase, YjsPersister
        >>> document = YTinyBase()
        >>> document.set('[{"pets":{"fido":{"age":3}}},{}]')
        >>> store = Store()
        >>> persister = YjsPersister(store, document.ydoc).start_auto_persisting()
        >>> _ = store.set_cell("pets", "fido", "age", 4)
        >>> document.get()
        '[{"pets":{"fido":{"age":4}}},{}]'

    Source: `jupyter_ydoc`'s `YBaseDoc`.
    """

    def __init__(self, ydoc: Doc[Any] | None = None, awareness: Awareness | None = None) -> None:
        super().__init__(ydoc, awareness)
        self._content = YjsContent(self._ydoc, DEFAULT_MAP_NAME, lambda _row_id: False)
        self._given: FileText | None = None
        self._given_at = b""
        self._is_overtaken = False  # by a change of the file, since `get` gave something
        self._unsaved: asyncio.TimerHandle | None = None

    @property
    def version(self) -> str:
        """The layout's version."""
        return "1.0.0"

    @property
    def hash(self) -> str | None:
        """The file's hash, by the server's reckoning."""
        return self._ystate.get("hash")

    @hash.setter
    def hash(self, value: str) -> None:
        # The server sets it when it has written what `get` gave last.
        if self._given is not None:
            self._remember(self._given)
            self._note_saved(self._given_at)
        if self._is_overtaken:
            self._save_soon()
        self._ystate["hash"] = value

    def get(self) -> str:
        """Return the text for the file: TinyBase's JSON, or what was read if it says the same.

        Raises:
            PersistedContentError: Somebody has put something else into the document.

        Example:
            >>> from tinybase_widget import YTinyBase
            >>> YTinyBase().get()
            '[{},{}]'
        """
        self._is_overtaken = False
        unreadable = self._ystate.get(_UNREADABLE)
        if isinstance(unreadable, dict) and isinstance(unreadable.get("text"), str):
            self._given = None
            return str(unreadable["text"])
        canonical = self._canonical()
        self._given_at = self._ydoc.get_state()
        known_hash = self._ystate.get(_FILE)
        if hash_of(canonical) == known_hash:
            self._given = FileText(canonical, canonical)
            self._remember(self._given)  # a server that has just started knows no texts
        else:
            known = file_texts.get(known_hash)
            is_same = known is not None and known.canonical == canonical
            self._given = known if is_same else FileText(canonical, canonical)
        return self._given.text  # type: ignore[union-attr]  # one of the two

    def set(self, value: str) -> None:
        """Take over what somebody else has changed in the file.

        Args:
            value: The file's text.

        Raises:
            TypeError: That is no text.

        Example:
            >>> from tinybase_widget import YTinyBase
            >>> document = YTinyBase()
            >>> document.set("[{ },")
            >>> document.get()
            '[{ },'
        """
        if not isinstance(value, str):
            raise TypeError(f"a file's content is a text such as '[{{}},{{}}]', not {value!r}")
        self._given = None
        self._is_overtaken = True
        if not value.strip() and self._canonical() != _EMPTY:
            self._mend()
            self._save_soon()
            return
        try:
            content = _content_of(value)
        except PersistedContentError as error:
            self._set_unreadable(value, error.explanation)
            return
        text = FileText(value, _canonical(content))
        if not self._content.exists():
            self._begin(text, content)
            return
        self._take(text, content)
        if self._canonical() == text.canonical:
            self._note_saved(self._ydoc.get_state())
        else:
            self._save_soon()

    def observe(self, callback: Callable[[str, Any], None]) -> None:
        """Call a function whenever the document changes in what may reach the file.

        Args:
            callback: Called with "state" or "source", and pycrdt's event, or events.
        """
        self.unobserve()
        root = self._content.root

        def on_state(event: Any) -> None:
            if not _NOTES.issuperset(event.keys):
                callback("state", event)

        self._subscriptions[self._ystate] = self._ystate.observe(on_state)
        self._subscriptions[root] = root.observe_deep(partial(callback, "source"))

    def unobserve(self) -> None:
        """Call nobody any more."""
        if self._unsaved is not None:
            self._unsaved.cancel()
        super().unobserve()

    def _canonical(self) -> str:
        if not self._content.is_whole():
            return _EMPTY
        return _canonical([self._content.read_tables(), self._content.read_values()])

    def _begin(self, text: FileText, content: Sequence[Any]) -> None:
        """Put content into a document that has none, the same for everybody who does so."""
        doc: Doc[Any] = Doc(client_id=_client_of(text.text))
        other = YjsContent(doc, DEFAULT_MAP_NAME, lambda _row_id: False)
        other.begin()
        with doc.transaction():
            other.ensure_start()
            other.write_changes([content[0], content[1], 1])
            doc.get("state", type=type(self._ystate))[_FILE] = file_texts.replace(None, text)
        doc.get("state", type=type(self._ystate))[_SAVED] = doc.get_state()
        self._ydoc.apply_update(doc.get_update())
        self._mend()

    def _take(self, text: FileText, content: Sequence[Any]) -> None:
        """Put onto the document what the file has that it had not before."""
        known_hash = self._ystate.get(_FILE)
        if known_hash != hash_of(text.text):
            seen = [self._content.read_tables(), self._content.read_values()]
            before = self._content_before(known_hash, content, seen)
            changes = merge(before, content, seen)
            self._content.begin()
            with self._ydoc.transaction():
                self._content.ensure_start()
                self._content.write_changes(changes)
        self._remember(text)
        self._mend()

    def _content_before(
        self, known_hash: object, content: Sequence[Any], seen: Sequence[Any]
    ) -> Sequence[Any]:
        """Return what the file held before, or what it presumably did."""
        if known_hash is None:  # nothing: who joined a broken file brought what is there
            return [{}, {}]
        before = file_texts.get(known_hash)
        if before is not None:
            return _content_of(before.text)
        saved = self._ystate.get(_SAVED)
        entered = entered_since(self._ydoc, DEFAULT_MAP_NAME, saved)
        return presumed_before(content, seen, entered)

    def _mend(self) -> None:
        if self._ystate.get(_UNREADABLE) is not None:
            del self._ystate[_UNREADABLE]

    def _remember(self, text: FileText) -> None:
        before = self._ystate.get(_FILE)
        file_hash = file_texts.replace(before, text)
        if before != file_hash:
            self._ystate[_FILE] = file_hash

    def _note_saved(self, state: bytes) -> None:
        """Note what of the document has reached the file."""
        if self._ystate.get(_SAVED) != state:
            self._ystate[_SAVED] = state

    def _set_unreadable(self, text: str, reason: str) -> None:
        said = {"text": text, "reason": f"{reason}."}
        if self._ystate.get(_UNREADABLE) == said:
            return
        if self._content.exists():
            self._ystate[_UNREADABLE] = said
        else:
            doc: Doc[Any] = Doc(client_id=_client_of(text))
            doc.get("state", type=type(self._ystate))[_UNREADABLE] = said
            self._ydoc.apply_update(doc.get_update())

    def _save_soon(self) -> None:
        """Have the document saved: the server overhears what changes while it reads a file."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._unsaved is not None:
            self._unsaved.cancel()
        self._unsaved = loop.call_later(
            _SAVE_DELAY_S, partial(self._ystate.__setitem__, "dirty", True)
        )


def _content_of(text: str) -> Sequence[Any]:
    """Return the tables and values of a file's text, as a Store keeps them.

    Raises:
        PersistedContentError: It has something that a Store can't hold.
    """
    found = read_content(text, "The file")
    if found is None:
        return [{}, {}]
    store = Store()
    invalid: list[str] = []

    def on_invalid(_store: Store, *where_and_cells: Any) -> None:
        *where, cells = where_and_cells
        if where[-1] is not None:  # an empty table or row is nothing, and nothing is lost with it
            invalid.append(f"{cells[0]!r:.40} at {'/'.join(where)}")

    store.add_invalid_cell_listener(None, None, None, on_invalid)
    store.add_invalid_value_listener(None, on_invalid)
    set_encoded_content(store, found)
    if invalid:
        raise PersistedContentError(
            f"The file holds {invalid[0]}, which is no cell that a Store can hold. "
            "It is left as it is; mend it with another editor"
        )
    reader = EncodedReader(store)
    return [reader.read_tables(), reader.read_values()]


def _canonical(content: Sequence[Any]) -> str:
    """Return what is written for a content: ids in a document's order, integers as such."""
    tables = {
        table_id: {row_id: _tidied(rows[row_id]) for row_id in natural_sorted(rows)}
        for table_id, rows in sorted(content[0].items())
    }
    return write_json([tables, _tidied(content[1])])


def _tidied(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {
        cell_id: int(cell) if type(cell) is float and cell.is_integer() else cell
        for cell_id, cell in sorted(cells.items())
    }


def _client_of(text: str) -> int:
    """Return a client id for what a text brings, away from those that people get."""
    return 2**51 | int(hash_of(text)[:12], 16)
