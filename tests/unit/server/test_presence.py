from __future__ import annotations

from typing import Any

import pytest
from pycrdt import Awareness, Doc

from tinybase_widget.persisters._yjs_wire import varuint
from tinybase_widget.server._presence import Presence
from tinybase_widget.sync._dialects import write_text
from tinybase_widget.sync._frames import read_frame


def told(client_id: int, clock: int, text: str) -> bytes:
    return varuint(1) + varuint(client_id) + varuint(clock) + write_text(text)


def states(frame: bytes | None) -> dict[int, object]:
    """Return what pycrdt's Awareness, another implementation, makes of a frame."""
    assert frame is not None
    doc: Doc[Any] = Doc()
    awareness = Awareness(doc)
    awareness.apply_awareness_update(read_frame(frame).payload, "a test")
    return {id_: state for id_, state in awareness.states.items() if id_ != doc.client_id}


def test_a_newcomer_is_told_who_is_there() -> None:
    presence = Presence()
    assert presence.frame() is None
    presence.take("one", told(5, 1, '{"name": "Ada"}'))
    presence.take("other", told(6, 1, '{"name": "Bo"}'))
    assert states(presence.frame()) == {5: {"name": "Ada"}, 6: {"name": "Bo"}}


def test_what_is_older_than_what_is_known_is_not_handed_on() -> None:
    presence = Presence()
    presence.take("one", told(5, 2, '{"at": 2}'))
    assert presence.take("one", told(5, 1, '{"at": 1}')) is None
    assert states(presence.frame()) == {5: {"at": 2}}


def test_who_leaves_is_taken_back_and_nobody_else() -> None:
    presence = Presence()
    presence.take("one", told(5, 1, "{}"))
    presence.take("other", told(6, 1, "{}"))
    gone = presence.leave("one")
    assert gone is not None
    assert read_frame(gone).payload == told(5, 2, "null")
    assert states(presence.frame()) == {6: {}}
    assert presence.leave("one") is None


def test_another_who_speaks_for_somebody_does_not_take_them_along() -> None:
    presence = Presence()
    presence.take("one", told(5, 1, "{}"))
    presence.take("other", told(5, 2, '{"by": "the other"}'))
    assert presence.leave("other") is None
    assert states(presence.frame()) == {5: {"by": "the other"}}


def test_one_who_says_that_they_are_gone_is() -> None:
    presence = Presence()
    presence.take("one", told(5, 1, "{}"))
    presence.take("one", told(5, 1, "null"))
    assert presence.frame() is None


@pytest.mark.parametrize(
    "text", ['{"a": "' + "x" * 20_000 + '"}', "5", "[]", "{", "[" * 5000], ids=lambda text: text[:3]
)
def test_what_is_no_small_object_is_refused(text: str) -> None:
    presence = Presence()
    with pytest.raises(ValueError, match="malformed"):
        presence.take("one", told(5, 1, text))
    assert presence.frame() is None


def test_one_client_can_be_sixty_four_at_most() -> None:
    presence = Presence()
    with pytest.raises(ValueError, match="64"):  # noqa: PT012 - at one of many
        for client_id in range(100):
            presence.take("one", told(client_id, 1, "{}"))
    assert len(states(presence.frame())) == 64
