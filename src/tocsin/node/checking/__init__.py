"""Communication checks at a node: from logs to what `tocsin.checks` makes of them, and to people's alerts.

- `circle`: the checks of one circle; `ringing`: the bells of all circles.
"""
