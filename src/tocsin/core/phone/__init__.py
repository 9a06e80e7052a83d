"""The phone call: what two people read to each other so that each knows the other's node is behind the voice.

- `keys`: a member's key for calls, and the secret that two of them share.
- `sets`: from that secret and the minute, or the row of a sheet, to the digits of each side.
- `words`: the digits as they are spoken.

No signature is made with these keys, and nothing is enciphered (docs/protocol.md, section 22).
"""

from tocsin.core.phone.keys import PhoneKey, PhoneSecret
from tocsin.core.phone.sets import MINUTE_MS, Pair, Sets
from tocsin.core.phone.words import SPOKEN, grouped, spoken

__all__ = ["MINUTE_MS", "SPOKEN", "Pair", "PhoneKey", "PhoneSecret", "Sets", "grouped", "spoken"]
