"""Who holds how much of which log, as the node tells it of a case."""

import pytest
from tests.circles.lines import Lines
from tests.log.author import key

from tocsin.core import keys
from tocsin.core.keys import SignatureType
from tocsin.core.records import Ref
from tocsin.core.tlog.checkpoint import Checkpoint, cosign, with_signatures
from tocsin.core.views import Cosigned
from tocsin.node.casework.holdings import holdings_of


def test_a_receipt_is_verified_when_it_comes_and_not_at_each_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """What others confirmed to each other is told, by its size and time, and costs no signature."""
    with Lines() as lines:
        ash = lines.start("ash")
        birch, cedar = lines.puppet("birch"), lines.puppet("cedar")
        birch.history.write(birch.note())
        birch.push("ash", birch.history.push())
        lines.run_for(1)
        signed = birch.history.checkpoint()
        cosignature = cosign(signed.checkpoint, cedar.keys.holder, 7)
        cedar.tell("ash", with_signatures(signed, [cosignature]).note.encode())
        monkeypatch.setattr(keys, "ed25519_verify", None)
        ref = Ref.at(signed.checkpoint.origin, 1, bytes(32))

        found = lines.run(holdings_of(ash.line, ash.store, [ref], {}))

    assert found.cosigned[ref.log]["cedar"] == (Cosigned(signed.checkpoint.size, 7),)


def test_who_confirmed_each_record_of_ours_first() -> None:
    """Of each record its first confirmations are told, not only the newest; and only those by members."""
    with Lines() as lines:
        ash = lines.start("ash")
        keys_of = {slug: lines.puppet(slug).keys.holder for slug in ("birch", "cedar")}
        keys_of["stranger"] = key("stranger", SignatureType.COSIGNATURE)
        for _ in range(12):
            ash.write()
        log = ash.line.own.name
        confirmed = [("birch", 4), ("cedar", 6), ("birch", 7), ("stranger", 7), ("birch", 11), ("cedar", 12)]
        for by, size in confirmed:
            cosignature = cosign(Checkpoint(log, size, bytes(32)), keys_of[by], size * 10)
            with ash.store.transaction():
                ash.store.put_cosignature(log, size, cosignature, size * 10)

        refs = [Ref.at(log, index, bytes(32)) for index in (2, 3, 5)]
        found = lines.run(holdings_of(ash.line, ash.store, refs, {}))

    assert found.cosigned[log] == {
        "birch": (Cosigned(4, 40), Cosigned(7, 70), Cosigned(11, 110)),
        "cedar": (Cosigned(6, 60), Cosigned(12, 120)),
    }
