"""A worker process that runs one function for many inputs while this process goes on.

The function must be pure: it neither reads nor writes anything shared. Whatever the worker fails
to answer is computed here instead. Both talk through pipes, so the worker ends with this process,
however that ends.
"""

import logging
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import IO, Any, cast

PROTOCOL = pickle.HIGHEST_PROTOCOL
logger = logging.getLogger(__name__)

WORKER_CODE = "from directory import workers; workers.serve()"
# The first calls run here: they are done sooner than a process has started.
LOCAL_CALLS = 6
MAX_PENDING = 2
# At most so many results wait for an earlier one.
MAX_BUFFERED = 8


class WorkerProcess:
    """A child process that calls `function` for inputs submitted ahead of when they are needed.

    The child calls `setup` first, which does whatever `function` needs beside its own modules.
    """

    def __init__(self, function: Callable, setup: Callable | None = None):
        self.function, self.setup = function, setup
        self.call_count = 0
        self.is_local = (os.cpu_count() or 1) == 1
        self.process: subprocess.Popen | None = None
        # One thread writes and reads the pipes: this one never waits for them.
        self.executor: ThreadPoolExecutor | None = None
        # Calls sent and not answered yet; those answered are dropped.
        self.pending: list[Future] = []
        self.preamble = b""

    def __enter__(self) -> "WorkerProcess":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def submit(self, argument: object) -> Callable[[], Any]:
        """Start a call; return a function that waits for its result and returns it."""
        return self._submit(argument)[1]

    def map(self, arguments: Iterable) -> Iterator:
        """Yield the results in order; the next ones are submitted already.

        While the worker has enough to do, this process computes too, instead of waiting for it.
        """
        calls: deque[tuple[Future, Callable]] = deque()
        for argument in arguments:
            busy = len(self._get_pending()) >= MAX_PENDING
            calls.append(self._call_here(argument) if busy else self._submit(argument))
            while len(calls) > MAX_BUFFERED or (len(calls) > MAX_PENDING and calls[0][0].done()):
                yield calls.popleft()[1]()
        while calls:
            yield calls.popleft()[1]()

    def _submit(self, argument: object) -> tuple[Future, Callable[[], object]]:
        self.call_count += 1
        if self.is_local or self.call_count <= LOCAL_CALLS:
            return self._call_here(argument)
        if self.executor is None:
            self.executor = ThreadPoolExecutor(max_workers=1)
            # Pickled here and now: what the function holds may change before it is sent.
            functions = self.setup, self.function
            self.preamble = b"".join(pickle.dumps(each, PROTOCOL) for each in functions)
        future = self.executor.submit(self._exchange, argument)
        self.pending = [*self._get_pending(), future]
        return future, lambda: self._wait_for(future, argument)

    def _get_pending(self) -> list[Future]:
        return [each for each in self.pending if not each.done()]

    def _call_here(self, argument: object) -> tuple[Future, Callable[[], object]]:
        future: Future = Future()
        future.set_result(self.function(argument))
        return future, future.result

    def _exchange(self, argument: object) -> object:
        """Send one argument to the worker, started if need be, and return its result."""
        if self.process is None:
            self.process = start_process()
            cast("IO[bytes]", self.process.stdin).write(self.preamble)
        stdin = cast("IO[bytes]", self.process.stdin)
        pickle.dump(argument, stdin, PROTOCOL)
        stdin.flush()
        return pickle.load(cast("IO[bytes]", self.process.stdout))

    def _wait_for(self, future: Future, argument: object) -> object:
        try:
            return future.result()
        except (OSError, EOFError, pickle.PickleError) as error:
            if not self.is_local:
                logger.warning("The process aside is gone (%r): going on without it.", error)
            self.is_local = True
            return self.function(argument)

    def close(self) -> None:
        if self.executor:
            self.executor.shutdown(cancel_futures=True)
        if self.process:
            with suppress(OSError):
                cast("IO[bytes]", self.process.stdin).close()
            cast("IO[bytes]", self.process.stdout).close()
            self.process.wait()
        self.executor = self.process = None


def start_process() -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER_CODE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,  # Ctrl-C is for the parent: the closed pipe ends this process
    )


def serve() -> None:
    """In the worker process: answer calls until the parent closes the pipe."""
    with suppress(EOFError, BrokenPipeError), os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # whatever else is printed may not come between the results
        receive = partial(pickle.load, sys.stdin.buffer)
        if setup := receive():
            setup()
        function = receive()
        while True:
            result = function(receive())
            pickle.dump(result, out, PROTOCOL)
            out.flush()
