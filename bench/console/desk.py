"""A desk as a process of its own: a node, with a console where its configuration says so.

    python -m bench.console.desk FOLDER

It obeys lines of JSON on standard input, each with one line of JSON as its answer: {"do": "write", "record":
base64}, {"do": "forget"} (all cases: each is read again when it is asked for), {"do": "used"} (seconds of
processor time since its start), {"do": "sign-in"} (another session of the one officer, who came in by no
passkey), {"do": "quit"}. Its first line says where the console is.
"""

import asyncio
import base64
import contextlib
import gc
import json
import os
import resource
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from tocsin.node.config import load_config
from tocsin.node.node import Node
from tocsin.web.console import Console, console_of
from tocsin.web.people.accounts import Account, SignInKey
from tocsin.web.people.people import People
from tocsin.web.people.sessions import Caller
from tocsin.web.serving.person import Role


async def _enrol(people: People) -> Callable[[], Awaitable[str]]:
    """Somebody new. What is returned begins a session of theirs, and returns what a browser shows for it."""
    key = SignInKey(id=os.urandom(32), label="none", made_at_ms=0)
    # Another one at each start.
    name = f"officer-{os.urandom(4).hex()}"
    account = Account(
        id=os.urandom(16).hex(),
        name=name,
        role_name=name,
        roles=(Role.OFFICER,),
        language="en",
        made_at_ms=0,
        credentials=(key,),
    )

    await people.entering.committer.submit(lambda: people.accounts.put(account))
    caller = Caller("127.0.0.1", "bench")

    async def sign_in() -> str:
        begun = await people.entering.committer.submit(lambda: people.sessions.begin(account.id, caller))
        return begun.token

    return sign_in


async def _obey(node: Node, sign_in: Callable[[], Awaitable[str]] | None) -> None:
    (line,) = node.lines.values()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while told := await reader.readline():
        order = json.loads(told)
        answer: object = None
        match order["do"]:
            case "write":
                written = await line.write([base64.b64decode(order["record"])])
                index = written.size - 1
                entry = node.store.entries(written.log, index, index + 1)
                answer = [written.log, index, base64.b64encode(entry).decode()]
            case "sign-in" if sign_in:
                answer = await sign_in()
            case "forget":
                node.desk.casework[line.circle.id].lost()
            case "used":
                answer = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
            case "noted":
                work = node.desk.casework[line.circle.id]
                while work.indexing.behind(work) or not work.indexing.worded(work):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            case "quit":
                return
        print(json.dumps(answer), flush=True)


async def _run(folder: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        node = await stack.enter_async_context(Node(load_config(folder / "tocsin.toml")))
        console = await stack.enter_async_context(console_of(node))
        sign_in = await _enrol(console.parts.people) if isinstance(console, Console) else None
        url = node.config.console.origin if node.config.console else ""
        print(json.dumps({"url": url}), flush=True)
        gc.freeze()  # as Node.run does
        await _obey(node, sign_in)


if __name__ == "__main__":
    uvloop.run(_run(Path(sys.argv[1])))
