"""Consoles of two of the five desks, for whoever watches: to look at what happens, and to take part.

- `consoles`: the consoles, and who is let in there; `audience`: whoever sits at the terminal; `guide`: what
  they are told and waited for.
"""
