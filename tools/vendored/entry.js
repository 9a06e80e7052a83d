import { hashes, verify } from "@noble/ed25519";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { parse } from "smol-toml";
hashes.sha512 = sha512;
const ed25519 = (publicKey, message, signature) => {
  try {
    return verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
};
export { ed25519, parse as toml, sha256 };
