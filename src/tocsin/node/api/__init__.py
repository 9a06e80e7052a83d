"""The machine API: how an organisation's own programs, and its command line, speak to its node.

- `types`: what goes in and out; `operations`: from typed functions to routes, and to an OpenAPI document.
- `cases`: what is said about incidents, and what is known of them.
- `records`: reading logs as programs are shown them; `proofs`: proof files.
- `routes`: every route; `app`: who may call them, and errors as problem documents (RFC 9457).

Never mounted on the listener of the wire.
"""
