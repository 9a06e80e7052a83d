"""Which record people mean who write `birch.1.12`, and whether a case goes on without its first report."""

from base64 import b64decode
from collections.abc import Callable

from tocsin.core.records import Ref
from tocsin.core.records.errors import UnknownRecord
from tocsin.log.store import Store
from tocsin.node.casework.casework import Casework


def naming(casework: Casework, store: Store) -> Callable[[str], Ref]:
    """From names to records. Also a report that opened a case and cannot be read any more has its name.

    What others said in that case names it, and stays in reach. Raises UnknownRecord, Rebuilding.
    """

    def ref(name: str) -> Ref:
        try:
            return casework.ref(name)
        except UnknownRecord:
            gone = _entry(casework, store, name)
            if gone is None or not goes_on(casework, gone):
                raise
            return gone

    return ref


def goes_on(casework: Casework, case: Ref) -> bool:
    """Whether records of that case can be read here, if perhaps not its first. Raises Rebuilding."""
    return casework.ref_of(b64decode(case.entry)) == case


def _entry(casework: Casework, store: Store, name: str) -> Ref | None:
    """What stands there, whatever that is."""
    start, _, number = name.rpartition(".")
    index = int(number) if number.isascii() and number.isdecimal() and len(number) <= len(str(2**53)) else 0
    for log in casework.logs:
        head = store.head(log)
        if log.endswith("/" + start.replace(".", "/")) and head and 0 < index < head.size:
            ref = Ref.at(log, index, store.entries(log, index, index + 1))
            if str(ref) == name:
                return ref
    return None
