"""What an officer does with cases: report, ask, answer, look, hand over, close.

- `parsing`: sources, moments, systems and the rest as they are typed; `speaking`: what all commands share
  that write a record; `describing`, `asking`, `judging`, `course`, `shifts`: those commands.
- `looking`: what is known; `exchange`: files, attachments, other circles, what we observed ourselves.
- `words`: records of cases in plain words; `writing`: what goes into files; `group`: all commands.
"""
