"""Circles: organisations that found a circle, write to each other, hold each other's logs, and can prove it.

What a member says is an entry of its own log; exchange is following each other's logs. No member has to trust
another about what a third one wrote: all is verified with keys that go back to a charter signed by everyone.

- `founding`: charter, join files, openings; from them a `Circle`. `changing`: what it becomes, by events that
  organisations sign.
- `wire`: what nodes say to each other, byte for byte, and what carries it.
- `authoring`: the log that this node writes; `following`: those of the others; `reading`: what they say.
- `witness`: "this log only grew"; `evidence`: files that convince an outsider.
- `erasing`: what was ordered to be erased; `carry`: what goes by hand where no network does.
- `serving`: answers the members' calls; `exchanging`: all of this together, between two changes of the
  circle; `line`: one circle at one node, through all of them.
- `environment`: what it stands on; `events`: what it tells its node; `errors`: why it refuses; `plaintext`:
  what people can read without being tricked.

Calls to members are made here and nowhere else; HTTP is served in `node`, SQL is in `log`.
"""
