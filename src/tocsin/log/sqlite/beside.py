"""What a store keeps beside the entries of its logs: checkpoints, cosignatures, cards and documents."""

from tocsin.core.note import Signature
from tocsin.core.tlog.checkpoint import SignedCheckpoint
from tocsin.log.sqlite.database import Database
from tocsin.log.store import Head, LatestCosignature, LostRace, Witnessed


class Beside:
    """That part of a `Store`; the logs themselves are `SqliteStore`'s matter."""

    _database: Database
    _erasures: int

    def _id(self, log: str) -> int:
        raise NotImplementedError

    def _head(self, log: str) -> Head:
        raise NotImplementedError

    # Checkpoints and cosignatures

    def put_checkpoint(self, log: str, checkpoint: SignedCheckpoint) -> None:
        """See `Store`."""
        size, note = checkpoint.checkpoint.size, checkpoint.note.encode()
        self._database.write("put_checkpoint", log_id=self._id(log), size=size, note=note)

    def newest_checkpoint(self, log: str) -> bytes | None:
        """See `Store`."""
        return self._database.value("newest_checkpoint", log_id=self._id(log), size=self._head(log).size)

    def checkpoint_at(self, log: str, size: int) -> bytes | None:
        """See `Store`."""
        return self._database.value("checkpoint_at", log_id=self._id(log), size=size)

    def checkpoints_above(self, log: str, size: int) -> list[bytes]:
        """See `Store`."""
        return [note for (note,) in self._database.rows("checkpoints_above", log_id=self._id(log), size=size)]

    def drop_checkpoints_below(self, log: str, size: int) -> None:
        """See `Store`."""
        self._database.write("delete_checkpoints_below", log_id=self._id(log), size=size)

    def put_cosignature(self, log: str, size: int, signature: Signature, time_s: int) -> None:
        """See `Store`."""
        log_id, name = self._id(log), signature.name
        self._database.write("put_cosigner", log_id=log_id, name=name, size=size)
        self._database.write(
            "put_cosignature",
            log_id=log_id,
            name=name,
            size=size,
            key_id=signature.key_id,
            data=signature.data,
            time_s=time_s,
        )

    def cosignatures(self, log: str, size: int) -> list[tuple[Signature, int]]:
        """See `Store`."""
        rows = self._database.rows("cosignatures", log_id=self._id(log), size=size)
        return [(Signature(name, key_id, data), time_s) for name, key_id, data, time_s in rows]

    def newest_cosignatures(self, log: str) -> dict[str, LatestCosignature]:
        """See `Store`."""
        rows = self._database.rows("newest_cosignatures", log_id=self._id(log))
        return {
            name: LatestCosignature(size, time_s, Signature(name, key_id, data))
            for name, key_id, data, size, time_s in rows
        }

    def cosigned_sizes(self, log: str, at_least: int, limit: int) -> list[tuple[int, int]]:
        """See `Store`."""
        return self._database.rows("cosigned_sizes", log_id=self._id(log), at_least=at_least, limit=limit)

    def first_cosignatures(self, log: str, at_least: int, limit: int) -> list[tuple[str, int, int]]:
        """See `Store`."""
        return self._database.rows("first_cosignatures", log_id=self._id(log), at_least=at_least, limit=limit)

    def witnessed(self, log: str) -> Witnessed | None:
        """See `Store`."""
        found = self._database.row("witnessed", log=log)
        return Witnessed(*found) if found else None

    def put_witnessed(self, log: str, old_size: int, size: int, root: bytes, note: bytes) -> None:
        """See `Store`."""
        query = "update_witnessed" if old_size else "insert_witnessed"
        if not self._database.write(query, log=log, old_size=old_size, size=size, root=root, note=note):
            raise LostRace(f"Expected {log} to be witnessed at {old_size}, found {self.witnessed(log)}.")

    # What upper layers keep

    def put_card(self, log: str, index: int) -> None:
        """See `Store`."""
        self._database.write("put_card", log_id=self._id(log), entry_index=index)

    def card_before(self, log: str, index: int) -> int | None:
        """See `Store`."""
        return self._database.value("card_before", log_id=self._id(log), entry_index=index)

    def put_document(self, space: str, key: str, data: bytes) -> None:
        """See `Store`."""
        self._database.write("put_document", space=space, key=key, data=data)

    def document(self, space: str, key: str) -> bytes | None:
        """See `Store`."""
        return self._database.value("document", space=space, key=key)

    def documents(self, space: str) -> dict[str, bytes]:
        """See `Store`."""
        return dict(self._database.rows("documents", space=space))

    def next_documents(self, space: str, after: str, limit: int) -> dict[str, bytes]:
        """See `Store`."""
        return dict(self._database.rows("next_documents", space=space, after=after, limit=limit))

    def drop_document(self, space: str, key: str) -> None:
        """See `Store`."""
        if self._database.write("delete_document", space=space, key=key):
            self._erasures += 1
