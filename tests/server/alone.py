"""Run a coroutine in a thread of its own.

A browser that another test of the same process drives keeps an event loop running in the main
thread; ``asyncio.run`` refuses to start a second one there.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
