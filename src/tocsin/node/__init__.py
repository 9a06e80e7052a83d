"""One running organisation.

- `config`, `folder`: what its operator decides, and where things lie; `clock`: real time and chance.
- `node`: the whole, started and stopped; `card`: what it says about itself.
- `serving`: the listeners, TLS, and the wire's HTTP side; `api`: the machine API; `client`: who calls that.
- `watching`: logs for its operator, metrics, health.

HTTP is served here alone.
"""
