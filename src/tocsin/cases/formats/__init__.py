"""The formats of others: MISP, STIX 2.1, the OECD's framework, the AI Incident Database (docs/formats.md).

Bytes in, records out, and the reverse; nothing is signed, sent or executed here.

- `terms`: on whose terms a file comes in or a case leaves, and where each element went; `errors`: refusals.
- `trees`: foreign JSON within limits; `keeping`: what of it is carried in records; `bringing`: the records.
- `account`, `leaving`: what a report says, and what of a case may leave; `handling`, `ids`, `fingerprints`.
"""

from tocsin.cases.formats.aiid.reading import read_aiid
from tocsin.cases.formats.misp.reading import read_misp
from tocsin.cases.formats.misp.writing import write_misp
from tocsin.cases.formats.oecd.writing import write_oecd, write_oecd_table
from tocsin.cases.formats.stix.reading import read_stix
from tocsin.cases.formats.stix.writing import write_stix
from tocsin.cases.formats.terms import Exported, Imported, Into, Outgoing, Placed

__all__ = [
    "Exported",
    "Imported",
    "Into",
    "Outgoing",
    "Placed",
    "read_aiid",
    "read_misp",
    "read_stix",
    "write_misp",
    "write_oecd",
    "write_oecd_table",
    "write_stix",
]
