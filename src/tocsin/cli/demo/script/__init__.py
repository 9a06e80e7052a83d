"""The script: who speaks in the demo, and what is said. Organisations are invented, facts are real.

- `cast`: the organisations, and the forms of what they say; `day`: 22 May 2023; `asked`: what is asked about
  it, in Korean, with translations; `read`: what they hold the picture to be; `nights`: the bad days.
- `looks`: what to look at in which window.
"""
