"""What a case was, by all that its members make of it: to see it, to ask further, and how good that was.

- `group`: the commands, of `showing`, `asking` and `scoring`; `lines`: what is shown of a case; `missing`:
  what a result lacks that is held back; `grounds`: on what it rests; `own`: what one's own organisation has
  not read; `words`: numbers and sources in words.
"""
