"""Runs a program: peers, the network between them, the model, and what is wrong in the end.

Each message carries, beside its frame, the writes that are in it: those that its sender made since
it last sent something, or has taken over from others meanwhile, of a frame that it hands on as it
came also those that were not new; an answer to a hello has all that the answering peer has and the
asking one had not.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.fuzz.judging import conflict_faults, end_faults, size_faults
from tests.fuzz.loads import LOADS
from tests.fuzz.members import Member, Saved
from tests.fuzz.model import Change, Fault, History, Place, Wrong, flat
from tests.fuzz.network import Message, Network
from tests.fuzz.peers import COUNT, STEP_2, UPDATE, Arrival, Content, Sent, frame_kind
from tests.fuzz.python_peer import PythonPeer
from tests.fuzz.steps import (
    Deliver,
    Drop,
    Edit,
    Hello,
    Kind,
    Meet,
    Part,
    Program,
    Repeat,
    Replace,
    Restart,
    Save,
    Start,
    Step,
    Sync,
    Transaction,
)
from tinybase_widget import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tests.fuzz.node import Node
    from tests.fuzz.peers import MakePeer

_MOST_MESSAGES = 20_000
_MOST_ROUNDS = 30
_NEW_ROW_PREFIX = "new "  # of the names of added rows


class Outcome(NamedTuple):
    """What a run has shown."""

    faults: list[Fault]
    steps: int
    contents: list[Content]


class World:
    """One run of a program."""

    def __init__(self, program: Program, node: Node | None) -> None:
        self._program = program
        self._node = node
        self._history = History()
        self._faults: list[Fault] = []
        self._added: dict[str, tuple[str, int]] = {}  # rows by name: their ids, the writes of them
        starts = {slot: start for slot, start in enumerate(program.peers) if start is not None}
        self._network = Network(
            (link for link in program.links if starts.keys() >= set(link)),
            (slot for slot, start in starts.items() if not start.kind.is_own),
        )
        self._doing: dict[type[Step], Callable[[Any], None]] = {
            Edit: self._edit,
            Deliver: self._deliver_some,
            Repeat: lambda step: self._network.repeat(step.peer, step.pick),
            Drop: lambda step: self._network.drop(step.peer, step.pick),
            Part: lambda step: self._network.part(step.peers),
            Meet: self._meet,
            Hello: self._try_hello,
            Sync: self._sync,
            Save: self._save,
            Restart: self._restart,
            Replace: self._replace,
        }
        self._is_beside_npm = any(not start.kind.is_own for start in starts.values())
        self._members: dict[int, Member] = {}
        for slot, start in starts.items():
            self._add(slot, start)

    # Peers

    def _add(self, slot: int, start: Start, saved: Saved | None = None) -> None:
        self._network.renew(slot)
        others = self._network.neighbours(slot)
        load = None if start.load is None else LOADS[start.load]
        document = None if saved is None else saved.document
        peer = self._make_peer(start.kind)(slot, start, others, document, load)
        self._members[slot] = member = Member(slot, start, peer, saved=saved)
        if saved is not None:
            member.has = saved.has
            member.held.update(saved.held)
        if load is not None and start.load is not None:
            content = flat(*load)
            if start.kind.is_own:
                member.has |= self._history.load(start.load, content)
            else:
                for place, value in content.items():
                    member.has |= self._history.add(Change(place, MISSING, value), 0)
        self._watch(member)
        self._greet(member, [other for other in others if other in self._members])

    def _make_peer(self, kind: Kind) -> MakePeer:
        if kind is Kind.PYTHON:
            return PythonPeer
        assert self._node is not None, f"a {kind.value} peer needs Node.js"
        return self._node.make_peer

    def _watch(self, member: Member) -> None:
        """Take note of what our own peers hold, where others could lose it."""
        if self._is_beside_npm and member.start.kind.is_own:
            member.held.update(member.peer.places())

    # Messages

    def _send(self, member: Member, sent: Iterable[Sent]) -> None:
        for to, frame in sent:
            writes = member.writes_for(to) if frame_kind(frame) == UPDATE else 0
            self._network.post(member.message(to, frame, writes))
        member.unsent.clear()

    def _take(self, member: Member, messages: Sequence[Message]) -> list[Message]:
        """Hand messages to a peer, and return its answers."""
        arrivals = [Arrival(each.sender, each.frame, each.is_greeting) for each in messages]
        received = member.peer.receive(arrivals)
        answers = []
        for message, taken in zip(messages, received.taken, strict=True):
            if taken.is_applied:
                member.take_over(message.writes, message.sender, as_it_came=taken.is_handed_on)
            if message.client_id != self._members[message.sender].start.client_id:
                continue  # who asked is gone, and so is the connection
            for frame in taken.answers:
                writes = member.has & ~message.known if frame_kind(frame) == STEP_2 else 0
                answers.append(member.message(message.sender, frame, writes))
        self._send(member, received.sent)
        self._watch(member)
        return answers

    def _deliver(self, slot: int, messages: Sequence[Message]) -> None:
        if messages:
            for answer in self._take(self._members[slot], messages):
                self._network.post(answer)

    def _greet(self, member: Member, others: Sequence[int]) -> None:
        if others:
            hello = member.peer.hello()
            for other in others:
                self._network.post(member.message(other, hello, is_greeting=True))

    def _hello(self, slot: int, other: int) -> None:
        if self._network.is_broken(slot, other):
            self._compare(slot, other)
        else:
            self._greet(self._members[slot], [other])

    def _compare(self, one: int, other: int) -> None:
        """Let two peers compare their states, with answers that arrive at once."""
        self._network.mend(frozenset((one, other)))
        asking, answering = self._members[one], self._members[other]
        greeting = asking.message(other, asking.peer.hello(), is_greeting=True)
        answers = self._take(answering, [greeting])
        answers = self._take(asking, answers)
        self._take(answering, answers)

    # Steps

    def run(self) -> Outcome:
        """Run the program and say what is wrong."""
        records = _Records()
        logger = logging.getLogger("tinybase_widget")
        logger.addHandler(records)
        try:
            for step in self._program.steps:
                self._do(step)
            self._finish()
            contents = [member.peer.content() for member in self._members.values()]
        finally:
            logger.removeHandler(records)
            for member in self._members.values():
                member.peer.end()
            errors = self._node.end_peers() if self._node is not None else []
        self._faults += (Fault(Wrong.ERROR, text) for text in [*records.texts, *errors])
        self._judge(contents)
        return Outcome(self._faults, len(self._program.steps), contents)

    def _do(self, step: Step) -> None:
        slots = [getattr(step, name) for name in ("peer", "other") if hasattr(step, name)]
        if all(slot in self._members for slot in slots):
            self._doing[type(step)](step)

    def _deliver_some(self, step: Deliver) -> None:
        self._deliver(step.peer, self._network.take(step.peer, step.picks))

    def _meet(self, _step: Meet) -> None:
        for one, other in map(sorted, self._network.meet()):
            self._hello(one, other)

    def _try_hello(self, step: Hello) -> None:
        if self._network.can_reach(step.peer, step.other):
            self._hello(step.peer, step.other)

    def _sync(self, step: Sync) -> None:
        if self._network.can_reach(step.peer, step.other):
            self._compare(step.peer, step.other)

    def _save(self, step: Save) -> None:
        member = self._members[step.peer]
        member.saved = member.save()

    def _edit(self, step: Edit) -> None:
        member = self._members[step.peer]
        was_quiet = not member.unsent
        transactions = self._resolved(step.transactions, member.has)
        edited = member.peer.edit(transactions, send=step.is_sent)
        bits = 0
        for changes, conflicts in zip(edited.changes, edited.conflicts, strict=True):
            known = member.has | bits
            for change in changes:
                if not change.place[0].startswith(COUNT):
                    bits |= self._history.add(change, known, conflicts)
        member.has |= bits
        self._added.update((name, (row_id, bits)) for name, row_id in edited.row_ids.items())
        member.unsent.append((bits, None))
        if step.is_sent:
            is_plain = member.start.kind.is_own and not member.start.is_listening
            if was_quiet and is_plain and len(edited.changes) == 1 and not edited.conflicts[0]:
                self._faults += size_faults(edited.changes[0], edited.sent)
            self._send(member, edited.sent)
        self._watch(member)

    def _resolved(self, transactions: Sequence[Transaction], has: int) -> list[Transaction]:
        """Return transactions with added rows' names replaced by their ids.

        Operations on a row that their peer can't have heard of are left out.
        """
        return [
            tuple(operation for each in transaction if (operation := self._resolve(each, has)))
            for transaction in transactions
        ]

    def _resolve(self, operation: tuple[Any, ...], has: int) -> tuple[Any, ...] | None:
        method, *arguments = operation
        if len(arguments) > 1 and str(arguments[1]).startswith(_NEW_ROW_PREFIX):
            row_id, writes = self._added.get(arguments[1], ("", 0))
            return (method, arguments[0], row_id, *arguments[2:]) if has & writes else None
        return operation

    def _restart(self, step: Restart) -> None:
        member = self._members[step.peer]
        saved = member.saved if step.from_saved else member.save()
        if saved is not None:
            member.peer.end()
            start = member.start._replace(client_id=step.client_id, load=None)
            self._add(step.peer, start, saved)

    def _replace(self, step: Replace) -> None:
        member = self._members[step.peer]
        if step.tells in self._members and self._network.can_reach(step.peer, step.tells):
            self._tell_all(step.tells, step.peer)
        member.peer.end()
        start = member.start._replace(client_id=step.client_id, load=step.load)
        self._add(step.peer, start)

    def _tell_all(self, one: int, other: int) -> None:
        for _ in range(_MOST_ROUNDS):
            before = self._moves()
            self._compare(one, other)
            if self._moves() == before:
                return

    # The end

    def _finish(self) -> None:
        """Let everybody exchange everything, until nothing moves."""
        self._network.part(())
        delivered = 0
        while not self._program.loses_rest and (slots := self._network.waiting()):
            for slot in slots:
                messages = self._network.take_all(slot)
                self._deliver(slot, messages)
                delivered += len(messages)
            if delivered > _MOST_MESSAGES:
                self._faults.append(Fault(Wrong.UNSETTLED, "messages follow from messages"))
                break
        links = self._network.fewest_links()
        for _ in range(_MOST_ROUNDS):
            before = self._moves()
            for one, other in links:
                self._compare(one, other)
                self._network.clear()
            if self._moves() == before:
                return
        self._faults.append(Fault(Wrong.UNSETTLED, f"{_MOST_ROUNDS} rounds of comparing states"))

    def _moves(self) -> int:
        return sum(member.peer.moves for member in self._members.values())

    def _judge(self, contents: list[Content]) -> None:
        members = list(self._members.values())
        self._faults += end_faults([each.start.kind for each in members], contents)
        known = 0
        held: set[Place] = set()
        for member in members:
            known |= member.has
            held |= member.held
        document = contents[0].document
        self._faults += self._history.faults(document, known, held)
        if self._is_beside_npm or any(each.conflicts is None for each in contents):
            return
        for content in contents:
            conflicts = [
                each for each in content.conflicts or () if not each.place[0].startswith(COUNT)
            ]
            self._faults += conflict_faults(self._history, document, known, conflicts)


class _Records(logging.Handler):
    """Keeps what the package reports: in these worlds nothing is to be reported."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def run(program: Program, node: Node | None = None) -> Outcome:
    """Run a program; `node` has the peers that are not Python's."""
    return World(program, node).run()
