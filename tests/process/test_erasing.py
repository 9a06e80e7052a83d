"""Erasure by real processes: killed at any moment of it, a node leaves nothing in its files."""

import random
import time
from signal import SIGKILL

import pytest
from tests.process.members import Members
from tests.process.processes import until

from tocsin.node.api.types import SayErasure

pytestmark = pytest.mark.process

KILLS = 3


def files_of(members: Members, slug: str) -> bytes:
    """All bytes in a node's data folder."""
    folder = members.config(slug).data_folder
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_killed_at_any_moment(members: Members) -> None:
    """However often both nodes are killed meanwhile, every erasure ends, and no file has what was erased."""
    for slug in ("north", "east"):
        members.start(slug)
    chance = random.Random(7)
    secrets = []
    for number in range(KILLS):
        secrets.append(f"Secret no. {number}: " + chance.randbytes(32).hex() * 20)
        written = members.write("east", secrets[-1])
        members.until_confirmed("east")
        assert secrets[-1].encode() in files_of(members, "north")
        members.client("east").write(members.id, order(written.index))
        time.sleep(chance.uniform(0, 0.05))  # any moment will do
        for slug in ("north", "east"):
            members.end(slug, SIGKILL)
        for slug in ("north", "east"):
            members.start(slug)
    for slug in ("north", "east"):
        until(lambda: all_answered(members, slug))  # noqa: B023 - it is called at once
        files = files_of(members, slug)
        assert [secret[:12] for secret in secrets if secret.encode()[-64:] in files] == []


def order(index: int) -> SayErasure:
    """An erasure of one record."""
    return SayErasure(
        author="duty",
        author_kind="officer",
        lang="en",
        reason="It names a person.",
        ordered_by="The duty officer",
        indices=(index,),
    )


def all_answered(members: Members, slug: str) -> bool:
    """Whether that node knows that both have erased everything."""
    erasures = members.client(slug).erasures(members.id).erasures
    return len(erasures) == KILLS and all(
        answer.purged == erasure.indices for erasure in erasures for answer in erasure.answers
    )
