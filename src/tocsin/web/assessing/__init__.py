"""What it was, in the console: how likely each kind is, why, what would change it, and what to ask next.

- `known`: what a node makes of a case's readings; `section`: all that the page of a case shows of it.
- `verdict`: the result, its range, and what it lacks; `matrix`: sources by kinds; `sides`: what
  each organisation says, side by side; `question`: the next one to ask; `private`: this node's own weights.
- `scores`: how good readings were, on a page of its own.

A number stands beside its word (ICD 203), and never in one sentence with a confidence.
"""
