"""Calls by telephone, as officers are shown them: what each side reads to the other.

- `types`: what is shown; `calls`: from our key and the other's card to that.

The keys and the digits are `tocsin.core.phone`'s. Nothing here asks the network: it works with the line down.
"""
