"""Cases from the files in `vectors/`: each message of push.json that is to be refused, sent as a member's."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec

from tocsin.circles.wire import protocol
from tocsin.cli.circle.kept import read_file
from tocsin.cli.conform.judging import Case, expect
from tocsin.cli.conform.subject import Subject
from tocsin.core.errors import Refusal

_MAX_BYTES = 2**24
_PATHS = {path.name.lower(): path for path in protocol.Path}


class MalformedVectors(Refusal):
    """These are no vectors."""

    code = "malformed-vectors"


class _Vector(msgspec.Struct, frozen=True):
    name: str
    operation: str
    message: str
    error: str = ""


class _Vectors(msgspec.Struct, frozen=True):
    cases: tuple[_Vector, ...]


def cases_of(folder: Path) -> Iterator[Case]:
    """The cases. Raises MalformedVectors."""
    try:
        vectors = msgspec.json.decode(read_file(folder / "push.json", _MAX_BYTES, "vectors"), type=_Vectors)
        for vector in vectors.cases:
            if vector.error and vector.operation in _PATHS:
                run = partial(
                    _send,
                    path=_PATHS[vector.operation],
                    data=bytes.fromhex(vector.message),
                    error=vector.error,
                )
                yield Case("vectors", vector.name, good=False, players=0, run=run)
    except (msgspec.DecodeError, ValueError) as error:
        raise MalformedVectors(f"Expected vectors in {folder / 'push.json'}, found: {error}.") from None


async def _send(subject: Subject, *, path: protocol.Path, data: bytes, error: str) -> None:
    expect(f"refused: {error}", await subject.ask(subject.callers[0], path, data))
