"""
Admission of calls: enforcement modes, the CPS window and the gate (RULES C).
"""
from __future__ import annotations
import collections.abc
import datetime
import enum
import numpy
import numpy.typing
import os
import pathlib
import typing
import uuid
__all__: list[str] = ['Average', 'CpsWindow', 'Decision', 'Gate', 'GateFile', 'GateObserver', 'GateSnapshot', 'GateWorker', 'Mode', 'Now', 'StateFolder', 'calls_allowed', 'create_file_atomic', 'each_piece', 'entropy', 'error_table', 'read_clock', 'read_file', 'write_file_atomic']
class Now:
    """
    One look at the machine's clocks (RULES T1): an argument, never read inside.
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, *, wall: datetime.datetime, boot: int, boot_id: uuid.UUID) -> None:
        """
        wall: the wall clock, which may jump. boot: nanoseconds since boot, suspend included.
        boot_id: which boot that is.
        """
    def __repr__(self) -> str:
        ...
    @property
    def boot(self) -> int:
        """
        The boot clock, nanoseconds.
        """
    @property
    def boot_id(self) -> uuid.UUID:
        """
        Which boot `boot` counts from.
        """
    @property
    def wall(self) -> datetime.datetime:
        """
        The wall clock: aware, UTC, to the millisecond.
        """
class Mode(enum.Enum):
    """
    What the product does with calls (S1-S5, RULES E1).
    """
    AuthorizationExpired = ...
    Disabled = ...
    Eval = ...
    EvalExpired = ...
    InCompliance = ...
    OutOfCompliance = ...
class Average:
    """
    What is compared with the limit: an exact fraction, calls / window.
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def calls(self) -> int:
        """
        Calls counted in the window.
        """
    @property
    def per_second(self) -> float:
        """
        Calls per second as a float, for display.
        """
    @property
    def window(self) -> datetime.timedelta:
        """
        The length of the window.
        """
class CpsWindow:
    """
    Counts calls and tells which of them a limit admits (S10; RULES C1-C4).
    
    Times are integers, nanoseconds on one clock of the caller's choice, and do not run back: an earlier one counts as the
    latest seen. A new window behaves as one idle for its whole length.
    
    limit: calls per second; None: no rate check; 0: all are rejected.
    interval, intervals: the window; 1 s to 1 h, 1 to 60; by default 10 of 30 s.
    policy: "average" (S10), or "immediate" (S9): the first `limit` calls of each whole second.
    start: ns, from which intervals count; earlier times count as the start.
    
    Raises InputError if a parameter is outside these.
    """
    def __init__(self, limit: typing.SupportsInt | typing.SupportsIndex | None, *, interval: datetime.timedelta | None = None, intervals: typing.SupportsInt | typing.SupportsIndex | None = None, policy: str = 'average', start: int = 0) -> None:
        ...
    def average(self, now_ns: int) -> Average:
        """
        What is compared with the limit at now_ns.
        """
    def closed(self, now_ns: int) -> bool:
        """
        Whether a call at now_ns would be rejected.
        """
    def offer(self, now_ns: int) -> bool:
        """
        Count one call, admitted or not (C3); return whether it is admitted.
        """
    @typing.overload
    def replay(self, arrivals: numpy.typing.NDArray[numpy.integer] | numpy.typing.NDArray[numpy.datetime64], changes: collections.abc.Sequence[tuple[int | numpy.datetime64, typing.SupportsInt | typing.SupportsIndex | None]] = ()) -> numpy.typing.NDArray[numpy.bool_]:
        """
        What a new window like this one admits of these arrivals, each offered once. The window itself stays as it is.
        
        arrivals: ascending, shape (n,), integers (ns) or datetime64 (since 1970). Gives a bool array of that shape.
        changes: pairs of a time (ns or datetime64, ascending) and the limit from then on.
        
        Raises InputError, with the index, for what is not ascending, and for what is not a time.
        """
    @typing.overload
    def replay(self, arrivals: collections.abc.Sequence[int], changes: collections.abc.Sequence[tuple[int | numpy.datetime64, typing.SupportsInt | typing.SupportsIndex | None]] = ()) -> list[bool]:
        """
        The same for any other sequence of integers, as a list; NumPy is not needed.
        """
    @property
    def limit(self) -> int | None:
        """
        Calls per second, or None; a new one acts at the next decision (C2).
        """
    @limit.setter
    def limit(self, arg1: typing.SupportsInt | typing.SupportsIndex | None) -> None:
        ...
    @property
    def start(self) -> int:
        """
        ns, from which intervals count.
        """
class Decision:
    """
    What became of one offered call (RULES C5). True if it is admitted.
    """
    def __bool__(self) -> bool:
        ...
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        All of it in plain types, as --json prints it.
        """
    @property
    def admitted(self) -> bool:
        """
        Whether the call goes through.
        """
    @property
    def average(self) -> Average:
        """
        What was compared with the limit.
        """
    @property
    def limit(self) -> int | None:
        """
        Calls per second; None: no rate check.
        """
    @property
    def mode(self) -> Mode:
        """
        The enforcement mode.
        """
    @property
    def reason(self) -> str | None:
        """
        Of a rejected call: 'mode', 'limit_zero' or 'rate'; else None.
        """
    @property
    def retry_after(self) -> int | None:
        """
        Of a call rejected for its rate: whole seconds, at least 1, until the gate opens if nobody calls; else None.
        """
    @property
    def sip_status(self) -> int | None:
        """
        Of a rejected call: 503 or 500; else None.
        """
class Gate:
    """
    The admission gate of one process: counts every offered call and decides on it (RULES C1-C5).
    
    Any number of threads may use it. Times are integers, nanoseconds on the boot clock (CLOCK_BOOTTIME); one before the open
    interval counts into the open interval. A new gate behaves as one idle for its whole window.
    
    mode: the enforcement mode; limit, interval, intervals, policy and start are as for CpsWindow.
    sip_status: of rejected calls, 503 or 500.
    
    Raises InputError if a parameter is outside these.
    """
    def __init__(self, mode: Mode, limit: typing.SupportsInt | typing.SupportsIndex | None = None, *, interval: datetime.timedelta | None = None, intervals: typing.SupportsInt | typing.SupportsIndex | None = None, policy: str = 'average', start: int = 0, sip_status: typing.SupportsInt | typing.SupportsIndex = 503) -> None:
        ...
    def admit(self, now_ns: int) -> bool:
        """
        Count one call, also one that is rejected (C3); return whether it is admitted.
        """
    def average(self, now_ns: int) -> Average:
        """
        What is compared with the limit at now_ns; counts nothing.
        """
    def decide(self, now_ns: int) -> Decision:
        """
        As admit, with all that is to be told about it.
        """
    @property
    def limit(self) -> int | None:
        """
        Calls per second, or None; a new one acts at the next decision (C2).
        """
    @limit.setter
    def limit(self, arg1: typing.SupportsInt | typing.SupportsIndex | None) -> None:
        ...
    @property
    def mode(self) -> Mode:
        """
        The enforcement mode; a new one acts at the next decision.
        """
    @mode.setter
    def mode(self, arg1: Mode) -> None:
        ...
    @property
    def start(self) -> int:
        """
        ns, from which intervals count.
        """
class StateFolder:
    """
    An agent's durable state: one folder, one state, one process at a time.
    
    Holds the folder's lock until `close`, the end of a `with` block, or the end of the process. `load`
    gives the state that was last saved, never an older one (RULES M11). A checksum finds accidents; that
    a state is genuine is for the agent to check. Not thread-safe.
    """
    @staticmethod
    def peek(path: os.PathLike[str] | str | bytes) -> bytes | None:
        """
        Reads a folder's state without its lock, for a look beside a running agent.
        
        Raises what `load` does, and InputError (not_found) if there is no folder.
        """
    def __enter__(self) -> typing.Any:
        ...
    def __exit__(self, *args: typing.Any) -> None:
        ...
    def __init__(self, path: os.PathLike[str] | str | bytes, *, create: bool) -> None:
        """
        Opens and locks the folder; with `create`, a missing one is made (0700).
        
        Raises InputError (not_found), StorageError (locked, storage_failed, storage_full).
        """
    def close(self) -> None:
        """
        Gives the lock up; doing so again does nothing.
        """
    def load(self) -> bytes | None:
        """
        Returns the state last saved, or None if there never was one.
        
        Raises StorageError (state_damaged, state_version, storage_failed).
        """
    def save(self, content: bytes) -> None:
        """
        Replaces the state, durably.
        
        Raises StorageError (storage_full, storage_failed; the old state is then unchanged),
        InputError (invalid_argument) above 4 MiB.
        """
    @property
    def path(self) -> pathlib.Path:
        """
        The folder, absolute.
        """
class GateSnapshot:
    """
    What there is to see of a shared gate.
    """
    @property
    def average(self) -> Average:
        """
        What is compared with the limit.
        """
    @property
    def begun(self) -> datetime.datetime:
        """
        When counting began (wall clock).
        """
    @property
    def coming(self) -> list[tuple[datetime.datetime, Mode]]:
        """
        The modes still to come if no agent publishes again: pairs of a time (the publisher's wall clock) and a mode.
        """
    @property
    def failed_call_log(self) -> int:
        """
        Bytes that a log file of rejected calls may have; 0: none are logged (S11).
        """
    @property
    def failed_calls_lost(self) -> int:
        """
        Rejected calls that could not be logged.
        """
    @property
    def interval(self) -> datetime.timedelta:
        """
        The length of an interval of the window.
        """
    @property
    def intervals(self) -> int:
        """
        How many intervals the window has.
        """
    @property
    def limit(self) -> int | None:
        """
        Calls per second; None: no rate check.
        """
    @property
    def mode(self) -> Mode:
        """
        The enforcement mode that the plan has come to.
        """
    @property
    def policy(self) -> str:
        """
        'average' (S10) or 'immediate' (S9).
        """
    @property
    def published(self) -> datetime.datetime | None:
        """
        When a plan was last published (wall clock); None: never.
        """
    @property
    def sip_status(self) -> int:
        """
        Of rejected calls: 503 or 500.
        """
class GateFile:
    """
    A gate in a file that any number of processes map: workers decide, an agent publishes (RULES C6).
    
    The mode follows from the published plan and the time at each decision, so it changes at a deadline by itself, whether
    the agent lives or not: by the boot clock in the boot of the publisher, by the wall clock after another. Decisions wait
    for nobody, and a process killed at any point harms no other. Any number of threads may use it.
    """
    @staticmethod
    def open(path: os.PathLike[str] | str | bytes, *, create: bool = False, now: Now | None = None, permissions: typing.SupportsInt | typing.SupportsIndex = 432, interval: datetime.timedelta | None = None, intervals: typing.SupportsInt | typing.SupportsIndex | None = None, policy: str = 'average', sip_status: typing.SupportsInt | typing.SupportsIndex = 503) -> GateFile:
        """
        Opens a gate file for deciding and publishing.
        
        create: make it if it is missing, in mode Disabled until the first plan, with the window and status that Gate takes.
        permissions: of a new file; 0o660 lets the workers of one group count, 0o644 only the owner.
        now: None reads the machine's clocks.
        
        Raises InputError (not_found, invalid_argument), StorageError (state_version: another layout; state_damaged;
        storage_failed, storage_full).
        """
    def admit(self, now: Now) -> bool:
        """
        Count one call, also one that is rejected (C3); return whether it is admitted.
        """
    def decide(self, now: Now) -> Decision:
        """
        As admit, with all that is to be told about it.
        """
    def publish(self, mode: Mode, limit: typing.SupportsInt | typing.SupportsIndex | None = None, *, coming: collections.abc.Sequence[tuple[datetime.datetime, Mode]] = (), now: Now | None = None, licensing_time: datetime.datetime) -> None:
        """
        Replaces the plan, in one step; it acts at the next decision of every process.
        
        coming: up to four pairs of a time and a mode, ascending, in licensing time; they come if nothing more is published.
        licensing_time: that of `now`. now: None reads the machine's clocks.
        
        Raises InputError (invalid_argument) for more or descending ones; the plan of before then stays.
        """
    def set_failed_call_log(self, file_size: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        Switches the failed-call log of all workers (S11): bytes that a file may have, or 0 for off.
        
        A worker keeps one older file beside the one that it writes.
        """
    def set_limit(self, limit: typing.SupportsInt | typing.SupportsIndex | None) -> None:
        """
        Replaces the limit alone, at the next decision of every process (C2); the next plan has its own.
        """
    def set_sip_status(self, status: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        503 or 500, of the calls rejected from now on. Raises InputError for others.
        """
    def snapshot(self, now: Now) -> GateSnapshot:
        """
        What there is to see at `now`; counts nothing.
        """
class GateObserver:
    """
    A gate file to look at alone: read permission is enough.
    """
    @staticmethod
    def open(path: os.PathLike[str] | str | bytes) -> GateObserver:
        """
        Raises InputError (not_found), StorageError (state_version, state_damaged, storage_failed).
        """
    def snapshot(self, now: Now) -> GateSnapshot:
        """
        What there is to see at `now`.
        """
class GateWorker:
    """
    A gate file as a worker process of a SIP server has it: decides at the machine's time, and logs what it rejects.
    
    Open it in the worker, after the fork. For one thread at a time; it starts none, and no call waits for another process.
    """
    @staticmethod
    def open(path: os.PathLike[str] | str | bytes, *, log: os.PathLike[str] | str | bytes | None = None) -> GateWorker:
        """
        Opens a gate file.
        
        log: what the names of the failed-call log's files begin with; None: the gate's path and `.failed-calls`. Behind it come
        the process's number and `.jsonl`.
        
        Raises InputError (not_found), StorageError (state_version, state_damaged, storage_failed).
        """
    def ask(self) -> int:
        """
        As decide, in one number, which costs less: 1 for an admitted call.
        
        For a rejected one minus (1000 x Retry-After in seconds, or 0 without one, + SIP status): -12503 is 503, Retry-After 12.
        """
    def decide(self) -> Decision:
        """
        Count one call and decide on it. Raises StorageError if the clock cannot be read.
        """
    def handler(self, tell: collections.abc.Callable[[str | None], None]) -> collections.abc.Callable[[typing.Any], int]:
        """
        What decides on a call, for callers to whom a microsecond is dear.
        
        A function of one argument, which it ignores: it counts one call and returns what `ask` does, -503 for one that cannot be decided. `tell` is called for rejected
        calls alone: `tell(None)` while these are logged, `tell(why)` for one that could not be decided; what it raises is told
        to it once more and goes no further.
        """
    def log(self, call_id: str, from_uri: str, to_uri: str) -> None:
        """
        Log that the call of the last decision was rejected, if that is switched on.
        
        A record that cannot be written is counted in the gate (`GateSnapshot.failed_calls_lost`), and raises nothing.
        """
    @property
    def logging(self) -> bool:
        """
        Whether rejected calls are to be logged (S11).
        """
def calls_allowed(mode: Mode) -> bool:
    """
    Whether the mode lets calls through (RULES E1).
    """
def create_file_atomic(path: os.PathLike[str] | str | bytes, content: bytes, *, mode: typing.SupportsInt | typing.SupportsIndex = 384) -> None:
    """
    As `write_file_atomic`, but never replaces anything.
    
    Raises InputError (already_exists) too.
    """
def each_piece(path: os.PathLike[str] | str | bytes, take: collections.abc.Callable[[memoryview, int, int], bool]) -> str | None:
    """
    Gives a file's bytes to `take(piece, done, size)` in their order, until that returns False:
    those of a plain file as they lie in its mapping, those of a gzip file inflated. `piece` is a
    memoryview for the length of the call; `done` of `size` bytes of the file have been read.
    Returns what is wrong with a damaged gzip file after all that can be read of it, else None.
    
    Raises InputError (not_found), StorageError (storage_failed), and what `take` raises.
    """
def entropy(count: typing.SupportsInt | typing.SupportsIndex) -> bytes:
    """
    Returns `count` random bytes of the kernel (getrandom).
    """
def error_table() -> list[dict[str, typing.Any]]:
    """
    The rows of the one error table, each a dict: code, sentence, exception (its class in smartlic.errors), retry, effect (of a signed refusal, RULES M9; else None) and stops (the attack or accident).
    """
def read_clock() -> Now:
    """
    Reads the wall clock, the boot clock and the boot's identity as one Now (RULES T1).
    
    Raises StorageError (storage_failed) if the system has none of them.
    """
def read_file(path: os.PathLike[str] | str | bytes, *, limit: typing.SupportsInt | typing.SupportsIndex) -> bytes:
    """
    Reads a file of at most `limit` bytes.
    
    Raises InputError (not_found), StorageError (storage_failed, also for a larger file).
    """
def write_file_atomic(path: os.PathLike[str] | str | bytes, content: bytes, *, mode: typing.SupportsInt | typing.SupportsIndex = 384) -> None:
    """
    Replaces a file, or makes it, with the permissions `mode` (0o600), durably: after a crash the
    old file or the new one is there, whole.
    
    Raises InputError (not_found: no such directory), StorageError (storage_full,
    storage_failed); the old file is then unchanged.
    """
