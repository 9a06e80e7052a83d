"""Communication checks: whether every duty desk answers, and how soon.

- `group`: to start one, and to answer; `listing`: what came of them; `words`: checks in plain words.
"""
