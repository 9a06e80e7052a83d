"""Observations from a file: JSON lines, or a table with a header (CSV).

- JSON lines: an observation on each line, as the machine API takes it.
- CSV: columns of `COLUMNS` in any order, and no others; those of `REQUIRED` have a value in each row. `at` is
  RFC 3339 with its offset; `source` is what may be cited: a URL, or words; `obtained` how (first-hand,
  received, published, automatic, confidential, other).

A line that is none is refused by its number, and with it the file: half an import looks like a whole one.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.cases.matching import MalformedObservation, Observation, read_observation
from tocsin.cases.matching.observation import MAX_OBSERVATION_BYTES

REQUIRED = ("id", "at", "source", "obtained")
OPTIONAL = (
    "text",
    "lang",
    "system",
    "version",
    "operator",
    "sha256",
    "pdq",
    "url",
    "domain",
    "class",
    "handling",
)
COLUMNS = (*REQUIRED, *OPTIONAL)
_FINGERPRINTS = ("domain", "pdq", "sha256", "url")


def read_file(path: Path, feed: str | None = None) -> Iterator[Observation]:
    """The observations of a file, of that feed if it is given. Raises MalformedObservation, OSError."""
    read = _table if path.suffix.lower() == ".csv" else _lines
    for observation in read(path):
        yield observation if feed is None else msgspec.structs.replace(observation, feed=feed)


def _lines(path: Path) -> Iterator[Observation]:
    with path.open("rb") as file:
        number = 0
        # One byte more than may be: a line without end is not read into memory.
        while line := file.readline(MAX_OBSERVATION_BYTES + 2):
            number += 1
            if line.strip():
                yield _numbered(number, line.strip())


def _numbered(number: int, data: bytes) -> Observation:
    try:
        return read_observation(data)
    except MalformedObservation as error:
        raise MalformedObservation(f"Line {number}: {error}") from None


def _table(path: Path) -> Iterator[Observation]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            rows = csv.DictReader(file, strict=True)
            names = set(rows.fieldnames or ())
            if unknown := sorted(names - set(COLUMNS)) or sorted(set(REQUIRED) - names):
                raise MalformedObservation(
                    f"Expected the columns {', '.join(REQUIRED)}, and others only of "
                    f"{', '.join(OPTIONAL)}; found otherwise: {', '.join(unknown)}."
                )
            for row in rows:
                if None in row or None in row.values():
                    raise MalformedObservation(
                        f"Line {rows.line_num}: expected {len(names)} fields, found others."
                    )
                yield _numbered(rows.line_num, _as_json(rows.line_num, row))
        except (csv.Error, UnicodeDecodeError) as error:
            raise MalformedObservation(f"Expected a table in UTF-8: {error}") from None


def _as_json(number: int, row: Mapping[str, str]) -> bytes:
    given = {name: value for name, value in row.items() if value}
    try:
        at = datetime.fromisoformat(given.get("at", ""))
        if at.tzinfo is None:
            raise ValueError  # noqa: TRY301 - a time without an offset is none, as one that cannot be read
    except ValueError:
        raise MalformedObservation(
            f"Line {number}: expected `at` such as 2026-11-22T10:00:00Z, found {given.get('at')!r:.80}."
        ) from None
    source = given.get("source", "")
    fields: dict[str, object] = {
        "id": given.get("id", ""),
        "at_ms": round(at.timestamp() * 1000),
        "source": {
            "kind": "website" if "://" in source else "other",
            "locator": source,
            "obtained": given.get("obtained", ""),
        },
    }
    if "text" in given:
        fields["texts"] = [{name: given[name] for name in ("text", "lang") if name in given}]
    if "system" in given:
        version = {"version": given["version"]} if "version" in given else {}
        fields["systems"] = [{"name": given["system"]} | version]
    if "operator" in given:
        fields["operators"] = [given["operator"]]
    if prints := [{"kind": kind, "value": given[kind]} for kind in _FINGERPRINTS if kind in given]:
        fields["fingerprints"] = prints
    fields |= {name: given[name] for name in ("class", "handling") if name in given}
    return msgspec.json.encode(fields)
