"""Cases from elsewhere and for others.

- `files`: `import`, `export`; `passing`: `pass`; `attaching`: `attach`, `fetch`.
- `matching`: `observe`, `match`; `observed`: `observed`, `forget`.
"""
