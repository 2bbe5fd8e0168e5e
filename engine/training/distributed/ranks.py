"""Several processes that train one network: a rank for each GPU, equal weights, a share of each batch.

Rank 0 is the process that runs the stage. It announces each step; the others follow. Every rank computes its rows of
the batch, gradients are summed over all ranks, and each makes the same update. So batches, their order, losses and
validation scores are those of one GPU; only dropout draws other numbers. On one host rank 0 starts the others itself
and they end with it; on several hosts torch's launcher starts all, and the variables it sets are read here.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, NoReturn

import msgspec
import numpy as np
import psutil
import torch
import torch.distributed as dist

from engine.bootstrap.console import NO_WINDOW
from engine.contract.errors import LOST_RANK_EXIT_CODE, InvalidSetting, NumbersDiverged, StopRequested, WorkerDied
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence, decode_hook, encode_hook
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.devices.detection import Compute
from engine.training.distributed.gradient_sums import GradientSums, Pair

ROOT = Path(__file__).resolve().parents[3]
TIMEOUT = timedelta(hours=24)  # of a rank that waits for the next step: rank 0 may evaluate many validation rows
GRACE = 10.0  # seconds that the others have to end, and that rank 0 has to notice that one of them has ended
STOPPED_PATIENCE = 3.0  # seconds that a follower may be stopped, by a signal or a debugger

_STEP, _END = 1.0, 0.0


class Place(NamedTuple):
    """A process in its group; without an address the launcher's variables hold the rendezvous."""

    rank: int
    size: int
    local_rank: int
    address: str  # host:port


class Job(msgspec.Struct, frozen=True):
    """What rank 0 sends the others at the start; an empty `checkpoint` means that the run is new."""

    dataset: PreparedDataset
    settings: FineTuneSettings
    checkpoint: str
    precision: str


class Order(NamedTuple):
    """The next step: its number, counted from 0 over all epochs, and its learning rate."""

    step: int
    rate: float


class Group:
    """The ranks of one run, as one of them uses it."""

    def __init__(
        self,
        place: Place,
        device_type: str,
        followers: Sequence[subprocess.Popen[bytes]] = (),
        *,
        on_loss: Callable[[WorkerDied], None] | None = None,
    ) -> None:
        self.rank, self.size = place.rank, place.size
        self._followers = followers
        self._announced = -1
        self._on_loss = on_loss
        self._uses_nccl = device_type == "cuda"
        self._ending = threading.Event()  # the followers may end now
        self._closed = threading.Event()
        if followers:
            threading.Thread(target=self._watch, name="ranks", daemon=True).start()
        if self._uses_nccl:
            # NCCL's own watchdog detects nothing in a replayed graph, and after a loss it can hang: ours acts.
            os.environ.setdefault("TORCH_NCCL_ASYNC_ERROR_HANDLING", "0")
            os.environ.setdefault("TORCH_NCCL_ENABLE_MONITORING", "0")
        if not dist.is_initialized():
            dist.init_process_group(
                "cpu:gloo,cuda:nccl" if device_type == "cuda" else "gloo",
                init_method=f"tcp://{place.address}" if place.address else "env://",
                rank=place.rank,
                world_size=place.size,
                timeout=TIMEOUT,
            )
        self._control = dist.new_group(backend="gloo", timeout=TIMEOUT)  # messages that wait for no GPU

    def send_job(self, job: Job) -> None:
        """Rank 0: what is trained."""
        text = np.frombuffer(msgspec.json.encode(job, enc_hook=encode_hook), dtype=np.uint8).copy()
        self._broadcast(torch.tensor([float(len(text)), 0.0, 0.0], dtype=torch.float64))
        self._broadcast(torch.from_numpy(text))

    def receive_job(self) -> Job:
        """The others: what is trained."""
        length = int(self._broadcast(torch.zeros(3, dtype=torch.float64))[0])
        text = self._broadcast(torch.zeros(length, dtype=torch.uint8))
        return msgspec.json.decode(text.numpy().tobytes(), type=Job, dec_hook=decode_hook)

    def wait(self) -> None:
        """Returns when all ranks have called it."""
        try:
            dist.barrier(group=self._control)
        except RuntimeError as error:
            raise self._lost_rank(error) from error

    def announce(self, order: Order) -> None:
        """Rank 0: this step comes next. A step that is retried is not announced again."""
        if order.step != self._announced:
            self._announced = order.step
            self._broadcast(torch.tensor([_STEP, order.step, order.rate], dtype=torch.float64))

    def receive(self) -> Order | None:
        """The others: the next step, or None at the end."""
        kind, step, rate = self._broadcast(torch.zeros(3, dtype=torch.float64)).tolist()
        return Order(int(step), rate) if kind == _STEP else None

    def own(self, rows: np.ndarray) -> np.ndarray:
        """This rank's rows of a batch: every `size`-th, so that all ranks have texts of the same lengths."""
        return rows[self.rank :: self.size]

    def broadcast_weights(self, network: torch.nn.Module) -> None:
        """Gives all ranks the weights of rank 0."""
        try:
            for tensor in (*network.parameters(), *network.buffers()):
                dist.broadcast(tensor.detach(), src=0)
        except RuntimeError as error:
            raise self._lost_rank(error) from error

    def sums_of(self, pairs: Sequence[Pair], *, wire: torch.dtype) -> GradientSums:
        """The sums of these gradients over all ranks; call it once for a network, since it stays on its parameters."""
        return GradientSums(pairs, wire=wire, lost=self._lost_rank)

    def close(self, *, ended_well: bool) -> None:
        """Ends the other ranks: by a message where they listen, else each by its own id.

        Where the group cannot be left within `GRACE` seconds this process ends: leaving can wait for ever in a stream
        that waits for a lost rank (nccl issues 829, 863).
        """
        self._ending.set()
        if ended_well:
            with suppress(WorkerDied):
                self._broadcast(torch.tensor([_END, 0.0, 0.0], dtype=torch.float64))
        until = time.monotonic() + (GRACE if ended_well else 0.0)
        for follower in self._followers:
            with suppress(subprocess.TimeoutExpired):
                follower.wait(max(0.1, until - time.monotonic()))
            self._kill(follower)
        leave = dist.destroy_process_group if ended_well else dist.distributed_c10d._abort_process_group
        leaving = threading.Thread(target=leave, name="leave the group", daemon=True)
        leaving.start()
        leaving.join(GRACE)
        self._closed.set()
        if leaving.is_alive():
            self._end_process(_lost("the group of ranks could not be left"))

    def _kill(self, follower: subprocess.Popen[bytes]) -> None:
        follower.kill()
        follower.wait()
        if follower.stdin is not None:
            follower.stdin.close()

    def _broadcast(self, tensor: torch.Tensor) -> torch.Tensor:
        try:
            dist.broadcast(tensor, src=0, group=self._control)
        except RuntimeError as error:
            raise self._lost_rank(error) from error
        return tensor

    def _lost_rank(self, error: RuntimeError) -> WorkerDied:
        """The error of a message or a sum that failed; with NCCL this process ends."""
        if self._uses_nccl and self._followers:
            self._end_process(_lost(str(error)))
        return _lost(str(error))

    def _watch(self) -> None:
        """Until the group is closed: a follower that has ended or was stopped from outside ends the run.

        With gloo the main thread gets an error from its next message and reports it. With NCCL it may wait in a kernel
        that never ends, so this thread reports, and ends the process without another call of CUDA.
        """
        stopped_since: float | None = None
        while not self._closed.wait(0.2):
            states = [_state(follower) for follower in self._followers]
            now = time.monotonic()
            if "stopped" not in states:
                stopped_since = None
            elif stopped_since is None:
                stopped_since = now
            is_stopped = stopped_since is not None and now - stopped_since > STOPPED_PATIENCE
            if not is_stopped and ("ended" not in states or self._ending.is_set()):
                continue
            if not self._uses_nccl:
                for follower in self._followers:
                    follower.kill()  # also a stopped one: the main thread's message to it fails now
                if self._closed.wait(GRACE):
                    return
            self._end_process(_lost("a follower was stopped" if is_stopped else "a follower has ended"))

    def _end_process(self, error: WorkerDied) -> NoReturn:
        for follower in self._followers:
            follower.kill()
        if self._on_loss is not None:
            self._on_loss(error)
        print(error.message, file=sys.stderr, flush=True)
        os._exit(LOST_RANK_EXIT_CODE)


def _state(process: subprocess.Popen[bytes]) -> str:
    """Whether a process runs, was stopped by a signal or a debugger, or has ended."""
    if process.poll() is not None:
        return "ended"
    try:
        return "stopped" if psutil.Process(process.pid).status() == psutil.STATUS_STOPPED else "running"
    except psutil.Error:
        return "ended"


@contextmanager
def group_of(
    settings: FineTuneSettings,
    compute: Compute,
    *,
    continuing: bool = False,
    on_loss: Callable[[WorkerDied], None] | None = None,
) -> Iterator[Group | None]:
    """The group that a run needs, or None where one device trains; starts the other ranks and ends them."""
    place = launched_place()
    size = place.size if place is not None else _size(settings, compute, continuing=continuing)
    if size == 1:
        yield None
        return
    if settings.method != "fine_tuning" or settings.student_layers:  # of a launch; else a conflict before
        raise InvalidSetting(
            "T12",
            Sentence("training.t12.method_on_one_gpu"),
            hint=Sentence("training.t12.fine_tuning_or_no_launcher"),
            field="method",
        )
    followers: list[subprocess.Popen[bytes]] = []
    if place is None:
        place = Place(0, size, 0, f"127.0.0.1:{_free_port()}")
        followers = [_start(place._replace(rank=rank, local_rank=rank), compute) for rank in range(1, size)]
    group = Group(place, compute.device.type, followers, on_loss=on_loss)
    ended_well = False
    try:
        yield group
        ended_well = True
    except (StopRequested, NumbersDiverged):  # between two steps: the others wait for a message
        ended_well = True
        raise
    finally:
        group.close(ended_well=ended_well)


def launched_place() -> Place | None:
    """The place that torch's launcher gave this process, or None where it was started otherwise.

    Raises `InvalidSetting` (T12) where its variables are missing, not numbers, or contradict each other: a process that
    waits for ranks which nobody starts would wait for ever.
    """
    given = {name: os.environ.get(name, "") for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")}
    if not given["RANK"] and not given["WORLD_SIZE"]:
        return None
    numbers = {name: int(text) if text.isascii() and text.isdigit() else -1 for name, text in given.items() if text}
    rank, size, local_rank = numbers.get("RANK", 0), numbers.get("WORLD_SIZE", 1), numbers.get("LOCAL_RANK", 0)
    if not 0 <= rank < size or not 0 <= local_rank <= rank or (size > 1 and len(numbers) < len(given)):
        raise _misplaced(", ".join(f"{name}={text}" if text else f"no {name}" for name, text in given.items()))
    if size == 1:
        return None
    missing = [name for name in ("MASTER_ADDR", "MASTER_PORT") if not os.environ.get(name)]
    if missing:
        raise _misplaced(f"no {' and no '.join(missing)}")
    return Place(rank, size, local_rank, "")


def _misplaced(what: str) -> InvalidSetting:
    return InvalidSetting(
        "T12",
        Sentence("training.t12.launcher_variables_incomplete", what=what),
        hint=Sentence("training.t12.start_with_torchrun"),
    )


def _size(settings: FineTuneSettings, compute: Compute, *, continuing: bool) -> int:
    """How many ranks this computer starts; on a chosen CPU they are processes.

    The number of ranks changes no batch and no loss, so a continued run takes the GPUs there are.
    """
    there = torch.cuda.device_count() if compute.device.type == "cuda" else 1
    if settings.gpus <= 1 and settings.gpus != 0:
        return 1
    if compute.device.type == "cpu" and settings.device == "cpu":
        return max(1, settings.gpus)
    if settings.gpus > there and continuing:
        return there if dist.is_nccl_available() else 1
    if settings.gpus > there:
        raise InvalidSetting(
            "T12",
            Sentence("training.t12.more_gpus_than_there_are", asked=settings.gpus, there=there)
            if compute.device.type == "cuda"
            else Sentence("training.t12.no_gpu", asked=settings.gpus),
            hint=Sentence("training.t12.choose_fewer_gpus"),
            field="gpus",
        )
    size = settings.gpus or there
    if size > 1 and not dist.is_nccl_available():
        if continuing or not settings.gpus:
            return 1  # all that can work together
        raise InvalidSetting(
            "T12",
            Sentence("training.t12.nccl_missing"),
            hint=Sentence("training.t12.choose_one_gpu"),
            field="gpus",
        )
    return size


def _start(place: Place, compute: Compute) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        follower_command(place, compute.device.type, compute.threads),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        creationflags=NO_WINDOW,
    )


def follower_command(place: Place, device_type: str, threads: int) -> list[str]:
    """What starts a follower: isolated from the environment, with the packages of this process.

    `-I` keeps PYTHONPATH out, which may be where they are; so the path itself is passed on.
    """
    start = (
        "import json, sys\n"
        "given = json.loads(sys.argv[1])\n"
        "sys.path[:] = given + [one for one in sys.path if one not in given]\n"
        "from engine.training.loop.follower import main\n"
        "main(sys.argv[2:])"
    )
    path = [str(ROOT), *(one for one in sys.path if Path(one).is_absolute() and one != str(ROOT))]
    arguments = [str(part) for part in (*place, device_type, threads)]
    return [sys.executable, "-I", "-X", "utf8", "-c", start, json.dumps(path), *arguments]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _lost(details: str) -> WorkerDied:
    return WorkerDied(
        "T3",
        Sentence("training.t3.process_trains_another_gpu_ended"),
        hint=Sentence("training.t3.continue_run_fewer_gpus_if"),
        actions=(RecoveryAction.CONTINUE_RUN,),
        details=details,
    )
