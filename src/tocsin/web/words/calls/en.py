"""English."""

from typing import Final

PHRASES: Final = {
    "again": "Begin again",
    "another_call": "Another call",
    "called": "They called me",
    "called_hint": "I read first.",
    "calling": "I called them",
    "calling_hint": "They read first.",
    "contact": "Contact",
    "differed": "It did not match",
    "differed_call_back": "Call back at the number on the card of {member}",
    "differed_call_known": "Call back at a number that you had before. The card of {member} names none.",
    "differed_clock": "Where nothing ever fits, with nobody: compare the clocks of the two machines.",
    "differed_end": "End the call",
    "differed_end_hint": "Do not go on, whatever you are told.",
    "differed_number_hint": "At no other, and least of all at one that you were given in this call.",
    "differed_tell": "Tell the circle",
    "differed_tell_hint": "Whoever was heard to be wrong has tried. The others want to know.",
    "do_they": "Do they answer exactly this?",
    "drill": "A drill: say so before anybody reads.",
    "have_read": "I have read them",
    "hold": "Start a call",
    "hours": "Hours",
    "keys_of": "Keys: epoch {ours} of {us}, epoch {theirs} of {member}",
    "languages": "Languages",
    "late": "That minute is over. Begin again: have new digits read.",
    "lead": "A voice can be made, and a number faked. Before two desks tell each other anything, each "
    "reads six digits to the other.",
    "line_down": "The line is down; calls work all the same",
    "make_sheet": "Make the sheet",
    "matched": "It matched",
    "matched_lead": "You said that what you heard matches what {member} reads.",
    "matched_next": "It shows who is at the other end; not who else listens. Whatever somebody is to act "
    "on goes into a record.",
    "minute": "Minute {time} UTC",
    "new_digits": "Show the digits of this minute",
    "no_circles": "This node is in no circle.",
    "no_contact": "The card names no number.",
    "no_members": "There is no other member.",
    "none_of_these": "None of these",
    "note_text": "At {time} UTC, in a call, somebody who spoke for {member} did not read the right "
    "digits. The call was ended.",
    "noted": "Noted in the audit of this console, and nowhere else. The digits are not.",
    "once_more": "If a digit was misheard, have the set read once more; only once.",
    "only_officers": "Calls are held by officers. Here you see whom they can call.",
    "opened": "Opened on, by",
    "over": "The digits of that minute are over.",
    "print": "Print",
    "proves": "What this shows",
    "proves_guess": "A guess fits once in 1,000,000 times if they called you, and 3 times in 1,000,000 if "
    "you called them. Nothing can be tried out beforehand: it can only be said aloud, to you.",
    "proves_node": "Whoever reads the right digits has the node of {member}, or its sheet, before them: "
    "now, and in this circle.",
    "proves_relay": "It does not stop somebody who passes words on between two calls. So call numbers "
    "that you had before, and put into a record whatever somebody is to act on.",
    "read_aloud": "Read these aloud, one digit at a time.",
    "read_before": "I read those of the minute before",
    "row": "Row",
    "rule_any": "Whoever calls names a row that is not crossed out: any one, not the next.",
    "rule_first": "Whoever was called reads first; the caller answers from the same row. If a digit "
    "differs twice, end the call.",
    "rule_lost": "If this sheet is lost, or was seen: tell the other by another way. Both print the next "
    "number.",
    "rule_once": "Both cross out the row, also after a false call. No row is used again.",
    "sealed": "Sealed on, by",
    "seconds": "Seconds left",
    "secret": "Secret",
    "sheet": "Sheet to print",
    "sheet_for": "Sheet {number} of {us}, for calls with {member}",
    "sheet_keep": "Fold it at the marks, digits inside, and seal it in an envelope. Open it when no "
    "machine works.",
    "sheet_lead": "Rows of digits on paper, for the day when no machine works. Both members print the "
    "sheet of the same number and seal it.",
    "sheet_number": "Number of the sheet",
    "sheet_number_hint": "The same number gives the same sheet. Take the next when one is used up, was "
    "lost or was seen.",
    "sheet_printed": "Print it now: this page is kept nowhere. Then close it.",
    "sheet_rows": "Rows",
    "sheet_secret": "Whoever has read this sheet can answer in your place, and in theirs. Print it where "
    "nobody else sees it.",
    "sheet_used": "Used rows are ticked by hand.",
    "soon": "New digits come in a moment. If you have not begun to read, wait for them.",
    "then_read": "Now read these aloud. Do they say that it matches?",
    "they_answer": "They answer",
    "they_called": "They called you",
    "they_read": "They read",
    "this_one": "They read this",
    "tongue": "Language of the call",
    "until": "Good until {time} UTC",
    "used": "Used",
    "wait_matched": "Covered until you have heard one of theirs.",
    "wait_read": "Covered until you have read yours.",
    "warn_card": "{member} has not confirmed your newest card, and may still see the digits of an older key.",
    "warn_fork": "There are two versions of the log of {member}: somebody else may have its keys. Do not "
    "rely on this call.",
    "warn_line": "The line to {member} is down. That changes nothing here: each side works the digits out "
    "by itself.",
    "which": "Ask them to read first. Which of these do you hear?",
    "who": "Who called?",
    "why_no-card": "No call: the card of this member has not come.",
    "why_no-key": "No call: its card has no key for calls. Its node is older than 0.4.0, or its newest "
    "card has not come.",
    "why_ours": "No call: this node has no key for calls in this epoch. Whoever runs it finds out more "
    "with tocsin doctor.",
    "write_note": "Write a note",
    "you_answer": "You answer",
    "you_called": "You called them",
    "you_read": "You read",
}
"""Every sentence of this part."""
