// Key files: an Ed25519 key of one account at one console, under a passphrase. Neither leaves the browser.
//
//   {"format": "tocsin-console-key/v1", "console": origin, "account", "name", "public",
//    "kdf": "PBKDF2-SHA256", "iterations", "salt", "nonce", "box"}
//
// box = AES-256-GCM(key from the passphrase, nonce, PKCS #8 of the secret key; and beside it, authenticated:
// format, console and account). Bytes are base64. What is signed: tocsin.web.people.proving.keyfiles.

const FORMAT = "tocsin-console-key/v1";
const KDF = "PBKDF2-SHA256";
const ITERATIONS = 600_000;
const MAX_ITERATIONS = 10_000_000;

export class Problem extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

export async function makeKeyFile(asked, passphrase) {
  const pair = await generated();
  const file = {
    format: FORMAT,
    console: location.origin,
    account: asked.account,
    name: asked.name,
    public: toBase64(await crypto.subtle.exportKey("raw", pair.publicKey)),
    kdf: KDF,
    iterations: ITERATIONS,
    salt: toBase64(crypto.getRandomValues(new Uint8Array(16))),
    nonce: toBase64(crypto.getRandomValues(new Uint8Array(12))),
  };
  const secret = await crypto.subtle.exportKey("pkcs8", pair.privateKey);
  const box = await crypto.subtle.encrypt(sealing(file), await boxKey(file, passphrase), secret);
  return { file: { ...file, box: toBase64(box) }, key: pair.privateKey };
}

export async function openKeyFile(text, passphrase) {
  const file = parsed(text);
  let secret;
  try {
    secret = await crypto.subtle.decrypt(sealing(file), await boxKey(file, passphrase), toBytes(file.box));
  } catch {
    throw new Problem("wrong");
  }
  try {
    return { file, key: await crypto.subtle.importKey("pkcs8", secret, "Ed25519", false, ["sign"]) };
  } catch {
    throw new Problem("unsupported");
  }
}

export async function signAs(purpose, { file, key }, asked) {
  // What this browser shows is what is signed, not what the other side says it is.
  const lines = ["tocsin console key v1", purpose, location.origin, file.account, asked.challenge, ""];
  const signature = await crypto.subtle.sign("Ed25519", key, new TextEncoder().encode(lines.join("\n")));
  return {
    account: file.account,
    challenge: asked.challenge,
    public: file.public,
    signature: toBase64(signature),
  };
}

export function saveFile(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${JSON.stringify(file)}\n`], { type: "application/json" }));
  link.download = name;
  link.click();
}

function parsed(text) {
  try {
    const file = JSON.parse(text);
    const ours = file.format === FORMAT && file.kdf === KDF && file.console === location.origin;
    if (ours && Number.isInteger(file.iterations) && file.iterations <= MAX_ITERATIONS) return file;
  } catch {
    // As any other file.
  }
  throw new Problem("other");
}

async function generated() {
  try {
    return await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  } catch {
    throw new Problem("unsupported");
  }
}

function sealing(file) {
  const beside = [file.format, file.console, file.account].join("\n");
  return { name: "AES-GCM", iv: toBytes(file.nonce), additionalData: new TextEncoder().encode(beside) };
}

async function boxKey(file, passphrase) {
  // One and the same letter can be typed as one character or as two, by the keyboard.
  const secret = new TextEncoder().encode(passphrase.normalize("NFC"));
  const from = await crypto.subtle.importKey("raw", secret, "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: toBytes(file.salt), iterations: file.iterations };
  return crypto.subtle.deriveKey(how, from, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function toBase64(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer)));
}

function toBytes(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
