"""Words of logs, evidence and verification, by language."""
