"""What is fast and what is not, measured by `make bench`.

It prints the figures, and writes docs/benchmarks.md and docs/benchmarks.json.

- Real nodes in processes of their own, on loopback, with TLS, metrics and logs as an operator runs them.
- The disk's own fdatasync is measured in the same run: most of a record's time is that.
- Every figure is of what was verified and stored, and read, not only sent.
"""
