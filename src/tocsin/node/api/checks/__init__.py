"""Communication checks in the machine API (docs/api.md): `types`, what is said; `calls`, the routes."""
