"""One's own observations in a running node: where they come from, where they are kept, what they answer.

- `files`: observations from JSON lines and CSV; `sensors`: plug-ins; `model`: vectors of texts, by the extra.
"""
