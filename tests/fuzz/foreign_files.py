"""Files of other formats: what is taken becomes records that can be written, leaves, and comes in again."""

from collections.abc import Callable, Iterator

from tests.cases.formats.files import bundle, event, file_of, incident, into, out, written

from tocsin.cases.formats import (
    Exported,
    Imported,
    Into,
    Outgoing,
    read_aiid,
    read_misp,
    read_stix,
    write_misp,
    write_stix,
)
from tocsin.cases.picture import CaseView

_Read = Callable[[bytes, Into], tuple[Imported, ...]]
_Write = Callable[[CaseView, Outgoing], Exported]


def misp(data: bytes) -> None:
    """MISP events."""
    _in_and_out(data, read_misp, write_misp, read_misp)


def stix(data: bytes) -> None:
    """A STIX bundle."""
    _in_and_out(data, read_stix, write_stix, read_stix)


def aiid(data: bytes) -> None:
    """Incidents of the AI Incident Database, which leave in another format."""
    _in_and_out(data, read_aiid, write_stix, read_stix)


def known_events() -> Iterator[bytes]:
    """An event, and several."""
    yield file_of({"Event": event()})
    yield file_of({"response": [{"Event": event()}, {"Event": event(distribution="3")}]})
    yield write_misp(_view(), out()).data


def known_bundles() -> Iterator[bytes]:
    """A bundle, and one of ours."""
    yield file_of(bundle())
    yield write_stix(_view(), out()).data


def known_incidents() -> Iterator[bytes]:
    """Incidents of the database."""
    yield file_of([incident(), incident(reports=[])])


def _view() -> CaseView:
    (one,) = read_aiid(file_of([incident()]), into())
    return written(one).view()


def _in_and_out(data: bytes, read: _Read, write: _Write, again: _Read) -> None:
    for one in read(data, into(unlabelled="TLP:AMBER")):
        file = write(written(one).view(), out())
        assert again(file.data, into()), "What left does not come in again."
