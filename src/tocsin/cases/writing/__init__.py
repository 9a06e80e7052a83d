"""What a node may write about a case: the rules of meaning, at the writing side (docs/protocol.md, 19.7)."""

from tocsin.cases.writing.asking import check_asked
from tocsin.cases.writing.assessing import Ended
from tocsin.cases.writing.checking import check_wish
from tocsin.cases.writing.passing import pass_on

__all__ = ["Ended", "check_asked", "check_wish", "pass_on"]
