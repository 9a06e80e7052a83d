"""A node as a process of its own: until a signal ends it.

Nothing of the node is decided here, so that as many as one likes run in one process elsewhere.
"""

import asyncio
import faulthandler
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext

import uvloop

from tocsin.node.config import Config
from tocsin.node.node import Node


def run_node(
    config: Config, beside: Callable[[Node], AbstractAsyncContextManager[object]] = nullcontext
) -> None:
    """Run a node, and what stands `beside` it, as this process until a signal ends it.

    Raises what `Node.run` does. It takes as many open files as it may have: each connection is one, and
    strangers must not use them up. Where a library crashes the process, its last words are where.
    """
    if sys.stderr:
        faulthandler.enable(2)
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))

    async def run() -> None:
        node = Node(config)
        ends = [signal.SIGTERM, signal.SIGINT]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            # Otherwise `nohup` has said that it outlives its terminal.
            ends.append(signal.SIGHUP)
        for number in ends:
            asyncio.get_running_loop().add_signal_handler(number, node.request_stop, number.name)
        await node.run(beside)

    uvloop.run(run())
