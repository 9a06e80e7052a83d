"""What the tests of records make them of."""

from functools import lru_cache
from typing import Any, get_args

from hypothesis import strategies as st

from tocsin.core.keys import SignatureType, SigningKey, encode_base64
from tocsin.core.names import LogName
from tocsin.core.records import Tlp
from tocsin.core.records.common import AuthorKind
from tocsin.core.strict_json import MAX_INTEGER

ED25519, COSIGNATURE = SignatureType
CIRCLE = "0db88fe787dc50e3a3192ad7e44716ebd55b76f3ee22a28a65076d5a35d98902"
LOG = LogName("line.example.org", CIRCLE, "kr-desk", 1)


@lru_cache
def key(name: str, type: SignatureType = ED25519) -> SigningKey:  # noqa: A002 - the key's word for it
    """The same key for one name, each time."""
    return SigningKey.from_seed(name, type, name.encode()[-32:].rjust(32))


OFFICER = key(LOG.officer("duty-officer"))
COMMON: dict[str, Any] = {
    "circle": CIRCLE,
    "at_ms": 1_684_764_600_000,
    "author": "duty-officer",
    "author_kind": "officer",
    "tlp": "TLP:AMBER",
}
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
words = texts.filter(bool)
slugs = st.text("abcxyz019-", min_size=1, max_size=32)
langs = st.sampled_from(["en", "ko", "zh-Hant-TW", "x-" + "a" * 33])
hex_digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
roots = st.binary(min_size=32, max_size=32).map(encode_base64)
times_ms = st.integers(-MAX_INTEGER, MAX_INTEGER)
sizes = st.integers(1, MAX_INTEGER)
logs = st.builds(LogName, st.just("line.example.org"), st.just(CIRCLE), slugs, st.integers(1, 2**31 - 1))
mores = st.dictionaries(
    st.text("az09_", min_size=1),
    st.recursive(
        st.booleans() | times_ms | texts,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("a"), inner),
        max_leaves=5,
    ),
    min_size=1,
    max_size=3,
)
common: dict[str, st.SearchStrategy[Any]] = {
    "circle": st.just(CIRCLE),
    "at_ms": st.integers(0, MAX_INTEGER),
    "author": slugs,
    "author_kind": st.sampled_from(get_args(AuthorKind)),
    "tlp": st.sampled_from(get_args(Tlp)),
    "more": st.none() | mores,
}
