"""The wire: what nodes say to each other, byte for byte, and what carries it.

- `protocol`: requests, replies, and the `Wire` that carries them; `http`: the one between real nodes.
- `fields`: what messages are made of; `messages`: what is asked; `answers`: what is answered.
- `requests`: who asks, signed and once; `received`: the statement that one record arrived ahead of others.
"""
