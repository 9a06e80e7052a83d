"""Papers: what is carried by hand between a node, its organisation key and the other members.

- `founding`: charters, and the join files that have come so far; `draft`: what an organisation is to sign.
- `organisation`: the public half of its key, as its file has it.
- `joining`: our own part of it, with new keys; `verifying`: what a file proves to somebody who has the
  circle's id.
"""
