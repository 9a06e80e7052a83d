"""Circles: from organisations that introduce themselves to a circle, and what becomes of it.

- `group`: the command; `words`: a charter in plain words; `kept`: charters and join files, as people name
  them.
- `drafting`: introduce, draft; `signing`: sign; `joining`: join; `showing`: show; `checking`: check.
- `changing`: amend, leave, suspend, resume, expel, reply; `exporting`: export, recover.
"""
