"""English."""

from typing import Final

from tocsin.web.words.refusals import DISK, FAULT

PHRASES: Final = {
    **dict.fromkeys(
        FAULT,
        "The console failed at this; the fault is its own. Try again; if it fails again, tell whoever "
        "runs this node.",
    ),
    **dict.fromkeys(
        DISK,
        "The disk of this node failed. Tell whoever runs it at once; until then, telephone.",
    ),
    "account-suspended": "This account is suspended. Ask an administrator of this console.",
    "already-joined": "This node is in this circle already. Open it in the list of circles.",
    "append-too-large": "This is too much at once. Say it in several records.",
    "archive-part": "A part of the archive is not what it has to be. Do not rely on it; have it sent again.",
    "attachment-too-large": "The attachment is larger than the charter allows. Attach a smaller one.",
    "body-too-large": "More was sent than may be at once; nothing was changed. Send less.",
    "console-full": "There are as many of these as there may be. Remove some that nobody uses.",
    "copied-passkey": "There may be a copy of this passkey; it lets nobody in. Ask an administrator for a "
    "new code.",
    "exercise-mark": "What is an exercise is not taken as real, nor the reverse. Choose a circle of the "
    "same kind.",
    "file-too-large": "The file is larger than one that is read at once. Choose a smaller one.",
    "foreign-form": "This form is not of your present session; nothing was changed. Load the page again "
    "and fill it in once more.",
    "illegal-content": "To have this attachment may be an offence: no node gives, takes or keeps it. Do "
    "not look for it elsewhere.",
    "index-damaged": "What finds records again was damaged and is made anew; nothing is lost. Try again "
    "in some minutes.",
    "key-not-on-card": "Your key is not on our card yet. Ask an administrator to compare the letters with "
    "you and put it there.",
    "keys-missing": "This node has no keys for this log. Tell whoever runs it.",
    "last-administrator": "Nobody would be left who sees to people here. Make somebody else an "
    "administrator first.",
    "last-credential": "Nobody could sign in to this account any more. Add another way to sign in first.",
    "limit-reached": "Our log may not grow any more for now, by the charter. Wait; what is urgent can be "
    "written.",
    "malformed-account": "The account cannot be like this. The detail says what has to be another.",
    "malformed-archive": "This is no archive of a case. Choose the file again, or have it sent again.",
    "malformed-draft": "This is no draft of anything that an organisation key signs. Take the file again "
    "from where it was made.",
    "malformed-file": "This is no file of that format. Choose the right format, or another file.",
    "malformed-form": "Something in the form is missing or cannot be read; nothing was changed. The "
    "detail says what; correct it.",
    "malformed-page": "No page of the list begins there. Begin with its first page.",
    "name-taken": "Somebody else here has this name. Choose another.",
    "no-content": "This attachment is not given to us: the record does not name it for us, or it is not "
    "there any more. Ask its author.",
    "no-invitation": "This code is not valid: it was used, or its hour is over. Ask for a new one.",
    "no-keys-here": "This node has no keys of a member of this circle. Tell whoever runs it.",
    "no-label": "The file does not say to whom it may be shown. Choose a marking (TLP) for it.",
    "no-phone-key": "This member's card has no key for calls, so a call with it cannot be verified here. "
    "Ask it to renew its node.",
    "no-such-account": "There is no such account. Look at the list of people again.",
    "no-such-circle": "This node is not in this circle. Look at the list of circles.",
    "no-such-draft": "This draft is not there any more. Open the form again; this browser kept what was "
    "typed.",
    "no-such-hold": "There is no legal hold of ours at that place. Look at the list again.",
    "no-such-page": "There is nothing at this address. Begin at the situation room.",
    "nobody-asked": "There is nobody who could answer. Choose other members of this circle.",
    "not-asked": "This was asked by us, and we do not answer our own questions. Wait for the others.",
    "not-confirmed": "What cannot be undone has to be confirmed; nothing was changed. Go back and confirm "
    "it.",
    "not-device-bound": "This passkey can be copied to other devices, which this console does not allow. "
    "Use a security key.",
    "not-fetched": "No member gave this attachment. Try again later, or ask its author.",
    "not-here": "This console has another address. Open it at the address that you were given.",
    "not-let-in": "No account here has this passkey or key file. Ask an administrator of this console.",
    "not-meant": "This circle is live. Tick the box above the button to say that it is meant for real.",
    "not-provable": "Nothing here proves this entry yet. Try again when another member has confirmed it.",
    "not-signed": "Nothing was signed, and nothing was sent. Turn on JavaScript for this console: the key "
    "in this browser signs with it.",
    "not-signed-in": "Nobody is signed in here. Sign in, and try again.",
    "not-your-key": "The signature is of no key of your account here. Make a key in this browser.",
    "nothing-asked": "There is no word to search for. Type at least one.",
    "nothing-leaves": "Nothing of this case may leave: by its marking (TLP), or because no report counts. "
    "Ask its author for another marking.",
    "other-role": "Your role does not allow this. Ask an administrator of this console.",
    "rebuilding": "What finds records is being made anew; what you look for may be there. Try again in a "
    "minute.",
    "record-erased": "This record was erased. Its entry stands in the log; what it said is gone.",
    "refused": "This cannot be done as it was asked. The detail says why.",
    "sharing-group": "The file is meant for a group that is not known here. Do not share it further; ask "
    "whoever sent it.",
    "stale-challenge": "The answer came too late, or from another browser. Try again.",
    "still-member": "What the others said can be deleted only once our organisation has left this circle. "
    "Leave it first.",
    "storage-full": "The disk is full; nothing was changed. Tell whoever runs this node, and do it again "
    "once there is room.",
    "suspended": "This member has stopped its line with us for now. Speak with it by telephone.",
    "too-late": "It was written already and cannot be taken back. Withdraw or correct it.",
    "too-many-attempts": "Too many attempts failed. Wait a minute, and try again.",
    "too-many-keys": "There are as many keys as there may be. Have those removed that nobody uses.",
    "too-many-runs": "Others verify logs here just now. Try again in a minute.",
    "too-many-works": "As many files as may be are being made just now. Try again in a minute.",
    "too-much-at-once": "Too much is being sent to this console at once; nothing was taken. Try again in "
    "a minute.",
    "unknown-key": "This key is not there any more. Look at the list again.",
    "unknown-language": "There are no words for this language here. Choose another.",
    "unknown-log": "There is no such log or entry here. Look at the list of logs.",
    "unknown-observation": "There is no such observation. Look at the list again.",
    "unreachable": "The member's node does not answer. Ours goes on trying; what is urgent, say by "
    "telephone.",
    "unscorable": "There is nothing here that can be scored: it takes a reading, and what the case was "
    "in the end. Come back when a case has both.",
    "weak-passphrase": "The passphrase is too short to protect anything. Choose a longer one.",
    "which-case": "This is said in a case, and none was chosen. Open the case, and begin there.",
    "writes-halted": "Nothing is written in our log of this circle for now. The circle's page says why, and "
    "what to do; until then, telephone.",
    "wrong-passphrase": "The passphrase is another, or the file is damaged. Try again, or take a copy of "
    "the file.",
}
