"""Append-only logs: grouped durable commits, proofs between any two sizes, and the store they stand in.

Knows records only as bytes and members not at all. From the bottom up:

- `edge`: the right edge of a tree, which is all of it that is kept in memory.
- `store`: what a store must do (the protocol `Store`); `sqlite`: the store of a single machine.
- `committer`: many jobs, one transaction; `writer`: the one writer of one's own log.
- `marker`: what tells, from outside the database, that it is not an old copy.
- `export`: a log as a folder of static files that public tools read (C2SP tlog-tiles).
"""
