"""The siren: the bells of somebody who has the duty, on their pages, until they silence them.

- `thresholds`: what is loud enough at which hour, as everyone sets it; `ringing`: what rings now.
- `form`: how it is set; `memory`: what somebody set and silenced; `siren`: its pages, and the slot that every
  page has for it.
"""
