"""English."""

from typing import Final

from tocsin.web.words.protocol import (
    BEYOND,
    MISUNDERSTOOD,
    NO_EVIDENCE,
    NOTHING_SHOWN,
    OTHER_LOG,
    UNPROVEN,
    UNREADABLE,
)

PHRASES: Final = {
    **dict.fromkeys(
        BEYOND,
        "It lies beyond the end of that log, and nobody answers for it. Do not rely on it; call that member.",
    ),
    **dict.fromkeys(
        MISUNDERSTOOD,
        "The two nodes did not understand each other; ours tries again. If it lasts, show the detail to "
        "whoever runs them.",
    ),
    **dict.fromkeys(
        NO_EVIDENCE,
        "This is no evidence that can be read. Choose the file again, or have it sent again.",
    ),
    **dict.fromkeys(
        NOTHING_SHOWN,
        "This does not show what it was handed in for: nobody is at fault by it. Ask whoever gave it.",
    ),
    **dict.fromkeys(
        OTHER_LOG,
        "It speaks of a log that is not followed here. Check the circle and the member that it is about.",
    ),
    **dict.fromkeys(
        UNPROVEN,
        "The proof does not fit: it shows nothing. Do not rely on it; ask whoever gave it for another.",
    ),
    **dict.fromkeys(
        UNREADABLE,
        "It is not written as the protocol has it; nothing of it was taken. Show the detail to whoever "
        "runs the nodes.",
    ),
    "bad-signature": "A signature does not verify: what it stands under was changed, or another signed. "
    "Do not rely on it; ask its author by telephone.",
    "case-closed": "The case is closed, by us or by the organisation that opened it, and how it is read "
    "stays as it is. Say in a report what is new; if the closing is ours, it can be withdrawn.",
    "case-open": "What a case was in the end is said once our organisation has closed it. Close it first.",
    "charter-signatures": "The charter is not signed by exactly those who have to sign it. The detail "
    "says who; ask them for their signatures.",
    "drill-at-live": "It comes from a drill and was refused in a live circle. Ask whoever sent it whether "
    "it is meant for real.",
    "erasure-target": "This may not be erased: it is another's, a later one, a card, or an order itself. "
    "Choose a record of our own.",
    "fork": "There are two versions of this log: its member has told two stories. Look at the evidence, "
    "and call that member.",
    "handling-exceeded": "The record's marking (TLP) is stricter than this circle may handle. Choose a "
    "lower one, or leave the secret out.",
    "join-file-elsewhere": "The join file is for another circle. Ask the organisation for the one of this "
    "circle.",
    "join-file-missing": "A member's join file is missing. The detail says whose; ask for it.",
    "key-reused": "One key stands in two places. Ask those whom it concerns for new keys.",
    "live-at-drill": "It comes from a live circle and was refused in a drill. Call the sender at once: it "
    "may be meant for real.",
    "log-stopped": "There are two versions of this log; nothing more of it is taken. Look at the "
    "evidence, and call that member.",
    "malformed-bundle": "This is no circle in a file. Choose the file again, or have it sent again.",
    "malformed-carry-file": "This is no file that was carried, or not all of one. Have it copied again.",
    "malformed-charter": "This is no charter as one has to be. The detail says what is wrong; correct it.",
    "malformed-circle": "This circle is not here as it was stored. Tell whoever runs this node at once.",
    "malformed-groups": "This does not say which marking a sharing group has. Correct it as the detail says.",
    "malformed-join-file": "This is no join file. Ask the organisation for it again.",
    "malformed-key": "This is no key that may be used here. Take it again from where it was made.",
    "malformed-name": "This is no name of a log, a key or an organisation. Correct it.",
    "malformed-observation": "This is no observation as one has to be. The detail says what is missing; "
    "correct it.",
    "malformed-proof-file": "This is no proof that can be read. Choose the file again, or have it sent "
    "again.",
    "malformed-record": "A field of the record is missing, of another form than it has to be, or too "
    "long. The detail says which; correct it.",
    "member-repeated": "One member stands there twice. Take one of them out.",
    "non-member": "Whoever asked is no member of this circle. If it should be one, ask the organisation "
    "by telephone.",
    "not-a-distribution": "The percentages do not make 100 together. Change them until they do; what is "
    "open is undetermined.",
    "not-in-case": "It names a record of another case. Choose one of this case, or link the two cases.",
    "not-yours": "Only the organisation that wrote it can correct it, withdraw it or take it over. Answer "
    "it, or ask its author.",
    "nothing-new": "This is known here already. There is nothing to do.",
    "officer-signature": "The officer's signature does not verify. Do not rely on it; ask the desk by "
    "telephone.",
    "officer-unknown": "It is signed by a key that is not on the organisation's card. Do not rely on it; "
    "ask its desk by telephone.",
    "opening-mismatch": "The beginning of a member's log does not fit the charter. Ask that member for "
    "its join file anew.",
    "passing-refused": "This may not be passed on, by its marking (TLP) or by the other circle's charter. "
    "Ask its author first.",
    "proof-elsewhere": "This is of another circle than the one that it is checked for. Choose the right "
    "circle.",
    "record-too-large": "The record is longer than one may be. Shorten it, or attach the text as a file.",
    "rollback": "The member's log is shorter than what is held here: its node may stand on an old copy. "
    "Call that member.",
    "self-citation": "The only sources are our own records: that supports nothing. Name where it was "
    "first seen.",
    "unknown-case": "There is no such case here: its report has not come, or cannot be read. Look at the "
    "list of cases.",
    "unknown-hypothesis": "There is no such hypothesis in this case: it has not come, was withdrawn, or "
    "cannot be read. Choose one that is here, or add it.",
    "unknown-kind": "The record is of a kind that this version does not know; it is kept as it is. Tell "
    "whoever runs this node to look for a newer version.",
    "unknown-record": "There is no such record here: it has not come, or cannot be read. Look at the case "
    "again.",
    "unknown-signer": "Nobody who is known here signed this. Do not rely on it; ask where it comes from.",
    "widening-unsigned": "The amendment asks more of a member that has not signed it. Ask that member for "
    "its signature.",
    "wrong-circle": "The record belongs to another circle and is not taken here. Say it in the circle "
    "that it is meant for.",
    "wrong-cuts": "The amendment does not say where each member's log stood. Make it anew here.",
    "wrong-kind": "It names a record of another kind than it can be about. Choose another record.",
    "wrong-mode": "The charter's mode and its domain disagree on whether this is a drill. Make both the "
    "same.",
    "wrong-opening": "A log does not begin as its member's join file says. Ask that member by telephone.",
    "wrong-organisation-key": "An organisation's key is not named after it and the circle's domain. Ask "
    "that organisation for its join file anew.",
    "wrong-predecessor": "The amendment was made from another version of the charter. Make it anew from "
    "the version in force.",
    "wrong-quorum": "The quorum has to be more than half of the members, and at most all. Choose another "
    "number.",
    "wrong-removal": "A member is removed without a reason or without its notice. Give notice first, and "
    "say why.",
    "wrong-sponsors": "Whoever joins needs members that vouch for it, and only whoever joins. The detail "
    "says whom; correct it.",
}
