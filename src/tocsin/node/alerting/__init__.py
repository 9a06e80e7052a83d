"""Alerts: how the people of this organisation learn that something waits for them, where they are.

- `settings`: what an operator decides; `desks`: hours and zones; `watching`: which bells there are, and the
  reminders to others; `telling`: what an alert says, and what it must not; `ringing`: until somebody is
  aware; `hosting`: all of it in a node.
- `channels`: the ways out, each in a module of its own: `email`, `webhook`, `apprised`; `secret`: what their
  files hold.
"""
