"""What evidence is made of, checkpoints and signed notes, verifies with Go's own note package."""

import json
from functools import partial
from pathlib import Path

import pytest
from tests.circles.changes import FOUNDED, OLD, P
from tests.circles.test_voids import CIRCLE, KEY, OPENING, OTHER, TRUE, ended, void
from tests.foreign.drivers import Ask, ask, build_go, missing_for_go

from tocsin.circles.evidence.forks import Fork
from tocsin.core.note import parse_note
from tocsin.core.tlog.checkpoint import cosign, with_signatures

pytestmark = pytest.mark.foreign

FORK = json.loads(Fork(TRUE.checkpoint(9, KEY), OTHER.checkpoint(9, KEY)).encode(CIRCLE.id, ended().opening))
VOID = json.loads(void(OTHER, 7).encode())
LOG_KEY, ORGANISATION_KEY = KEY.verifying.encode(), OLD["ash"].verifying.encode()
NOTES = {
    "the first version": (FORK["first"], LOG_KEY),
    "the second version": (FORK["second"], LOG_KEY),
    "what was signed beside the end": (VOID["checkpoint"], LOG_KEY),
    "the opening of the log": (VOID["opening"], ORGANISATION_KEY),
    "the opening that ended it": (OPENING.decode(), ORGANISATION_KEY),
}


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with Go's drivers, built."""
    if missing := missing_for_go():
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("go")
    build_go(folder)
    return folder


@pytest.fixture
def ask_note(go: Path) -> Ask:
    """Ask whether keys signed a note."""
    return partial(ask, go / "verify_note")


@pytest.mark.parametrize("name", NOTES)
def test_each_signature_in_evidence_verifies(ask_note: Ask, name: str) -> None:
    """With the key of the log or of the organisation, and no other; a changed text is refused."""
    note, key = NOTES[name]
    assert ask_note(key, stdin=note.encode()) == parse_note(note.encode()).text
    assert ask_note(P.keys["birch"].log.verifying.encode(), stdin=note.encode()) is None
    at = note.index("\n") - 3
    bent = note[:at] + chr(ord(note[at]) ^ 1) + note[at + 1 :]
    assert ask_note(key, stdin=bent.encode()) is None


def test_a_receipt_verifies(go: Path) -> None:
    """A checkpoint that carries a holder's word is a cosigned checkpoint as C2SP has it."""
    signed = TRUE.checkpoint(8, KEY)
    holder = P.keys["birch"].holder
    carried = with_signatures(signed, [cosign(signed.checkpoint, holder, 7)]).note.encode()
    assert ask(go / "verify_note", LOG_KEY, stdin=carried) == signed.note.text
    assert ask(go / "verify_cosignatures", holder.verifying.encode(), stdin=carried) == signed.note.text
    assert FOUNDED.by_slug["birch"].holder_key == holder.verifying
