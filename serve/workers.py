"""Workers: threads that decide, and a bounded queue before them that refuses at once what would wait too long."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import perf_counter
from typing import TypeVar

from pipeline.errors import TemporaryError

_T = TypeVar("_T")


class Workers:
    """``count`` threads; ``max_waiting`` calls may wait for one."""

    def __init__(self, count: int, max_waiting: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="sapa-decide")
        self._limit = count + max_waiting
        self._max_waiting = max_waiting
        self._accepted = 0
        self._lock = threading.Lock()

    @property
    def accepted(self) -> int:
        """Calls that run or wait."""
        return self._accepted

    @property
    def full(self) -> bool:
        """Whether one more call would be refused."""
        return self._accepted >= self._limit

    async def run(self, call: Callable[[], _T]) -> tuple[_T, float]:
        """What ``call`` returns, and the seconds it waited. Errors: ``TemporaryError`` if too many wait."""
        with self._lock:
            if self.full:
                raise TemporaryError(f"{self._max_waiting} requests are waiting already")
            self._accepted += 1
        asked = perf_counter()

        def timed() -> tuple[_T, float]:
            waited_s = perf_counter() - asked
            return call(), waited_s

        future = self._pool.submit(timed)
        # Counted down when the thread is through, not when the client has gone: the thread is busy until then.
        future.add_done_callback(self._done)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Waits for the calls that were accepted."""
        self._pool.shutdown(wait=True)

    def _done(self, future: Future[tuple[_T, float]]) -> None:
        with self._lock:
            self._accepted -= 1
