"""Saying something for the organisation: a form, the words of what was drafted, a signature, ten seconds.

- `fields`: what each form has; `typed`: from what was typed to a wish; `setting`: where it is said.
- `drafts`: records as they would be written, from any form by `drafting`; `telling`: the same in words;
  `cautions`: what to think of.
- `signing`: an officer's signature on exactly these bytes; `pending`: ten seconds, and then it is written.
- `pages`: forms, confirmations, what waits, keys, proposals; `acting`: all of it at one node.

What an officer reads before signing is made from the record's bytes, never from the form.
"""
