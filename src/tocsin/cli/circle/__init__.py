"""Circles: from organisations that introduce themselves to a circle, and what becomes of it.

- `group`: the command; `words`: a charter in plain words; `kept`: the charter and join files that this node
  has, complete or not.
- `drafting`: introduce, draft; `signing`: sign; `joining`: join; `showing`: show; `checking`: check.
- `changing`: amend, leave, suspend, resume, expel, reply; `exporting`: export, recover.
"""
