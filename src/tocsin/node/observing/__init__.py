"""One's own observations in a running node: where they come from, where they are kept, what they answer.

- `files`: observations from JSON lines and CSV; `sensing`: plug-ins; `model`: vectors of texts, by the extra.
- `keeping`: where they are kept; `watching`: what others ask and is answered; `settings`: `[observing]`.
"""
