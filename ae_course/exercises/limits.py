"""Limits of a check: whatever an answer does, it ends in one sentence, and the kernel lives on."""

from __future__ import annotations

import _thread
import io
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TextIO

from ae_course.exercises.feedback import NotYet

SECONDS = 60.0
CHARACTERS = 20_000


@contextmanager
def limits() -> Iterator[None]:
    """Raise :class:`NotYet` for what does not end, ends Python, or prints without end.

    An answer has 60 seconds and may print 20,000 characters. What it prints is shown. The time
    is kept in the main thread only, where a notebook's cells run; elsewhere nothing can be
    interrupted.

    Raises
    ------
    NotYet
        With one sentence.
    """
    alarm = _Alarm(SECONDS)
    try:
        with _exit_without_a_shell(), redirect_stdout(_Short(sys.stdout, CHARACTERS)), alarm:
            yield
    except KeyboardInterrupt:
        if alarm.rang:
            raise NotYet(
                f"it did not end within {SECONDS:g} seconds. Is there a loop that never stops?"
            ) from None
        raise NotYet("it was interrupted.") from None
    except SystemExit:
        raise NotYet("it asks Python to exit. Return the result instead.") from None


class _Alarm:
    """Interrupts the main thread after some seconds, and then every second until it stops."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.rang = False
        self._over = threading.Event()
        self._turn = threading.Lock()
        # as it is in whatever a script has started in the background
        self._deaf = signal.getsignal(signal.SIGINT) is signal.SIG_IGN

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            if self._deaf:
                signal.signal(signal.SIGINT, signal.default_int_handler)
            threading.Thread(target=self._wait, daemon=True).start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._turn:  # the alarm is either done with ringing, or will not ring any more
            self._over.set()
        try:
            if self.rang and (kind is None or not issubclass(kind, KeyboardInterrupt)):
                with suppress(KeyboardInterrupt):
                    time.sleep(0.05)  # the answer may have swallowed it, or it is still on its way
                raise KeyboardInterrupt
        finally:
            if self._deaf and threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _wait(self) -> None:
        pause = self.seconds
        while not self._over.wait(pause):
            with self._turn:
                if self._over.is_set():
                    return
                self.rang = True
                _interrupt_main()
            pause = 1.0


class _Short(io.TextIOBase):
    """A stream that passes on so many characters and no more."""

    def __init__(self, stream: TextIO, characters: int) -> None:
        self.stream = stream
        self.left = characters

    def write(self, text: str) -> int:
        self.left -= len(text)
        if self.left < 0:
            raise NotYet(f"it prints more than {CHARACTERS:,} characters.")
        return self.stream.write(text)

    def flush(self) -> None:
        self.stream.flush()


@contextmanager
def _exit_without_a_shell() -> Iterator[None]:
    """Let `exit` and `quit` raise SystemExit: IPython's own would end the kernel."""
    names = vars(sys.modules["__main__"])
    kept = {name: value for name, value in names.items() if name in ("exit", "quit")}
    names.update(dict.fromkeys(kept, sys.exit))
    try:
        yield
    finally:
        names.update(kept)


def _interrupt_main() -> None:
    if hasattr(signal, "pthread_kill"):  # a real signal also ends a sleep
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:  # Windows
        _thread.interrupt_main()
