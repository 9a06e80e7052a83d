"""Circles: from organisations that introduce themselves to a circle that all its members have signed.

- `group`: the command; `words`: a charter in plain words; `kept`: the charter and join files that this node
  has, complete or not.
- `drafting`: introduce, draft; `signing`: sign; `joining`: join; `showing`: show.
"""
