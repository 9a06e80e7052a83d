"""Cables between nodes, in a process of its own: `python -m bench.cable PORT:TO …`, told by lines what to do.

`cut`: what runs over them is swallowed, and nobody is told: connections stay open, and nothing comes through,
on those that are there and on new ones. `back`: new connections work again. Those from before never do, as it
is when something between two nodes has forgotten them.
"""

import asyncio
import contextlib
import sys

_PART_BYTES = 2**16


class Cable:
    """One port, and where it leads."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._through: set[asyncio.Task[None]] = set()
        self._swallowed: list[asyncio.StreamWriter] = []
        self.whole = True

    def cut(self) -> None:
        """Swallow everything."""
        self.whole = False
        for task in self._through:
            task.cancel()

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end or until it is cut; what is cut stays open."""
        if not self.whole:
            self._swallowed.append(writer)
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        both = asyncio.gather(_pass(reader, far_writer), _pass(far_reader, writer))
        task = asyncio.ensure_future(both)
        self._through.add(task)  # type: ignore[arg-type]
        try:
            await task
        except asyncio.CancelledError:
            self._swallowed += [writer, far_writer]
        except OSError:
            writer.close()
            far_writer.close()
        finally:
            self._through.discard(task)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(_PART_BYTES):
        writer.write(part)
        await writer.drain()
    writer.close()


async def main(ports: list[str]) -> None:
    """Lead until standard input ends."""
    cables = []
    for pair in ports:
        port, to = map(int, pair.split(":"))
        cable = Cable(to)
        cables.append(cable)
        await asyncio.start_server(cable.lead, "127.0.0.1", port)
    print("ready", flush=True)
    while order := (await asyncio.to_thread(sys.stdin.readline)).strip():
        for cable in cables:
            if order == "cut":
                cable.cut()
            else:
                cable.whole = True
        print(order, flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1:]))
