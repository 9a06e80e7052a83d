"""The story's archive, and others like it."""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache

from tests.cases.story import CONTENT, ILLEGAL, Story, told
from tests.circles.party import AT_MS

from tocsin.cases.archive import make_archive
from tocsin.cases.archive.document import evidence_in
from tocsin.cases.archive.zipping import read_zip
from tocsin.cases.telling import language
from tocsin.circles.changing.bundle import Bundle
from tocsin.core.records import Ref

NOW_MS = AT_MS + 5 * 3_600_000


@lru_cache
def story() -> tuple[Story, Ref]:
    """The story, once."""
    return told()


def archive_of(lang: str = "en", without: Mapping[Ref, str] | None = None) -> bytes:
    """The archive of the story's case; in `without`, records of which there is no proof, and why."""
    known, case = story()
    view = known.view(case)
    proofs = {entry.ref: (without or {}).get(entry.ref) or known.proof(entry.ref) for entry in view.timeline}
    return make_archive(
        view,
        known.terms,
        language(lang),
        NOW_MS,
        proofs,
        circle_file=Bundle(known.circle, (), ()).encode(),
        attachments={hashlib.sha256(content).hexdigest(): content for content in (CONTENT, ILLEGAL)},
    )


@lru_cache
def archive() -> bytes:
    """The archive of the whole case, in English."""
    return archive_of()


def files() -> dict[str, bytes]:
    """Its files."""
    return read_zip(archive())


def evidence() -> dict[str, object]:
    """What its page verifies."""
    text = evidence_in(files()["index.html"])
    assert text
    found: dict[str, object] = json.loads(text)
    return found
