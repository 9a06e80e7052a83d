// node verify-proof.js FILE VKEY ENTRY checks a c2sp.org/tlog-proof@v1 file with @sigstore/verify alone:
// VKEY signed its checkpoint, and ENTRY (in hex) is in the tree where the file says.
// Exit code 0: verified, the checkpoint on stdout. 1: refused, the reason on stderr.
"use strict";
const { readFileSync } = require("node:fs");
const { crypto } = require("@sigstore/core");
const { verifyTLogInclusion } = require("@sigstore/verify/dist/tlog");

// RFC 8410: what stands before an Ed25519 public key in its DER form.
const SPKI_ED25519 = Buffer.from("302a300506032b6570032100", "hex");

function trustedLog(vkey) {
  const [, name, keyId, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? [];
  const key = Buffer.from(base64 ?? "", "base64"); // the algorithm's number, then the public key
  if (key.length !== 33 || key[0] !== 1) throw new Error("expected an Ed25519 verifier key");
  const publicKey = crypto.createPublicKey(Buffer.concat([SPKI_ED25519, key.subarray(1)]));
  return { baseURL: name, logID: Buffer.from(keyId, "hex"), publicKey };
}

function inclusionProof(file) {
  const end = file.indexOf("\n\n");
  const lines = file.slice(0, end).split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Error("expected a c2sp.org/tlog-proof@v1");
  if (lines[0].startsWith("extra ")) lines.shift();
  const [, logIndex] = /^index (0|[1-9][0-9]*)$/.exec(lines.shift()) ?? [];
  if (logIndex === undefined) throw new Error("the index line is missing");
  const hashes = lines.map((line) => Buffer.from(line, "base64"));
  return { logIndex, hashes, checkpoint: { envelope: file.slice(end + 2) } };
}

const [file, vkey, entry] = process.argv.slice(2);
try {
  if (entry === undefined) throw new Error("usage: node verify-proof.js FILE VKEY ENTRY");
  const log = trustedLog(vkey);
  const proof = inclusionProof(readFileSync(file, "utf8"));
  if (!proof.checkpoint.envelope.startsWith(log.baseURL + "\n")) throw new Error("the key is of another log");
  verifyTLogInclusion({ inclusionProof: proof, canonicalizedBody: Buffer.from(entry, "hex") }, [log]);
  console.log(proof.checkpoint.envelope.split("\n\n")[0]);
} catch (error) {
  console.error("refused:", error.message);
  process.exitCode = 1;
}
