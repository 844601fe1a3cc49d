"""The aside: a second process that computes while this one goes on, and is only ever a help.

Of one function, which neither asks nor changes anything, many answers are wanted one after the
other. What the other process fails to answer is answered here. It is spoken to through pipes, so
that it ends with this one, however that ends.
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

PROTOCOL = pickle.HIGHEST_PROTOCOL
logger = logging.getLogger(__name__)

BEGIN = "from directory import workers; workers.answer()"
# So many questions are answered here sooner than a process has started.
FEW = 6
AHEAD = 2
# So many answers wait at most for an earlier one.
MOST = 8


class Aside:
    """Answers to questions, each of which is asked some time before its answer is needed.

    What the other process calls `first` is whatever the function needs beside its own modules.
    """

    def __init__(self, function: Callable, first: Callable | None = None):
        self.function, self.first = function, first
        self.asked = 0
        self.alone = (os.cpu_count() or 1) == 1
        self.process: subprocess.Popen | None = None
        # One thread speaks and listens: this one never waits for a pipe.
        self.talk: ThreadPoolExecutor | None = None
        # What it was told and has not answered; what it has is let go.
        self.told: list[Future] = []
        self.beginning = b""

    def __enter__(self) -> "Aside":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def ask(self, question: object) -> Callable[[], object]:
        """What gives the answer when it is called."""
        return self._ask(question)[1]

    def answers(self, questions: Iterable) -> Iterator:
        """The answers in their order, the next ones always asked for already.

        While the other process has enough to do, this one answers too, instead of waiting for it.
        """
        asked: deque[tuple[Future, Callable]] = deque()
        for question in questions:
            busy = len(self._owed()) >= AHEAD
            asked.append(self._here(question) if busy else self._ask(question))
            while len(asked) > MOST or (len(asked) > AHEAD and asked[0][0].done()):
                yield asked.popleft()[1]()
        while asked:
            yield asked.popleft()[1]()

    def _ask(self, question: object) -> tuple[Future, Callable[[], object]]:
        self.asked += 1
        if self.alone or self.asked <= FEW:
            return self._here(question)
        if self.talk is None:
            self.talk = ThreadPoolExecutor(max_workers=1)
            # Written down here and now: what the function remembers may change while it is told.
            wanted = self.first, self.function
            self.beginning = b"".join(pickle.dumps(each, PROTOCOL) for each in wanted)
        told = self.talk.submit(self._exchange, question)
        self.told = [*self._owed(), told]
        return told, lambda: self._awaited(told, question)

    def _owed(self) -> list[Future]:
        return [each for each in self.told if not each.done()]

    def _here(self, question: object) -> tuple[Future, Callable[[], object]]:
        answered: Future = Future()
        answered.set_result(self.function(question))
        return answered, answered.result

    def _exchange(self, question: object) -> object:
        if self.process is None:
            self.process = started()
            self.process.stdin.write(self.beginning)
        pickle.dump(question, self.process.stdin, PROTOCOL)
        self.process.stdin.flush()
        return pickle.load(self.process.stdout)

    def _awaited(self, told: Future, question: object) -> object:
        try:
            return told.result()
        except (OSError, EOFError, pickle.PickleError) as error:
            if not self.alone:
                logger.warning("The process aside is gone (%r): going on without it.", error)
            self.alone = True
            return self.function(question)

    def close(self) -> None:
        if self.talk:
            self.talk.shutdown(cancel_futures=True)
        if self.process:
            with suppress(OSError):
                self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait()
        self.talk = self.process = None


def started() -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.Popen(
        [sys.executable, "-c", BEGIN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,  # a Ctrl-C is for who asks: its pipe tells this one
    )


def answer() -> None:
    """In the other process: answer until nobody asks any more."""
    with suppress(EOFError, BrokenPipeError), os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # whatever else is printed may not come between the answers
        heard = partial(pickle.load, sys.stdin.buffer)
        if first := heard():
            first()
        function = heard()
        while True:
            found = function(heard())
            pickle.dump(found, out, PROTOCOL)
            out.flush()
