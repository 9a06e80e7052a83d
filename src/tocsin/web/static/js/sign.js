// An officer's key: made here, kept here, and never to be had from here. It signs what a page shows.
//
// A signature is an Ed25519 signature of a signed note (C2SP signed-note): over the record's text and a newline.
// The key lies in this browser's database as a CryptoKey that cannot be exported, one for each person and key
// name, which holds the log's name: in a new epoch another one is made.

const DATABASE = "tocsin-officer-keys";
const KEYS = "keys";
const TYPE_ED25519 = 1;
const ALGORITHM = { name: "Ed25519" };
const text = new TextEncoder();
const sent = new WeakSet();

function database() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(KEYS);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function inStore(mode, use) {
  const opened = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = opened.transaction(KEYS, mode);
      const request = use(transaction.objectStore(KEYS));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    opened.close();
  }
}

const place = (person, name) => JSON.stringify([person, name]);
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function keyId(name, material) {
  const hashed = await crypto.subtle.digest("SHA-256", joined(text.encode(`${name}\n`), material));
  return new Uint8Array(hashed).slice(0, 4);
}

async function vkeyOf(kept) {
  const material = joined(Uint8Array.of(TYPE_ED25519), kept.public);
  const id = await keyId(kept.name, material);
  const hex = [...id].map((one) => one.toString(16).padStart(2, "0")).join("");
  return { id, vkey: `${kept.name}+${hex}+${base64(material)}` };
}

// Whether this browser can sign at all.
async function canSign() {
  try {
    await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    return true;
  } catch {
    return false;
  }
}

const find = (person, name) => inStore("readonly", (keys) => keys.get(place(person, name)));

async function make(person, name) {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const kept = { name, private: pair.privateKey, public: raw };
  await inStore("readwrite", (keys) => keys.put(kept, place(person, name)));
  // Otherwise a browser that runs out of room may drop it.
  if (navigator.storage?.persist) await navigator.storage.persist().catch(() => false);
  return kept;
}

async function signatureLine(kept, bytes) {
  const { id } = await vkeyOf(kept);
  const signature = new Uint8Array(await crypto.subtle.sign(ALGORITHM, kept.private, bytes));
  return `— ${kept.name} ${base64(joined(id, signature))}`;
}

// What is signed is what the page shows, byte for byte; the server compares it with what it drafted.
async function signedBy(kept, root) {
  return signatureLine(kept, text.encode(`${root.querySelector("#record").textContent}\n`));
}

// "cannot", "none", "waiting" or "ready": what a form that is to be signed finds in this browser.
async function stateOf(form) {
  if (!(await canSign())) return { state: "cannot" };
  const kept = await find(form.dataset.person, form.dataset.key);
  if (!kept) return { state: "none" };
  const { vkey } = await vkeyOf(kept);
  const among = (attribute) => [...form.querySelectorAll(`data[${attribute}]`)].some((one) => one.value === vkey);
  if (among("data-on-card")) return { state: "ready", kept };
  return { state: among("data-waiting") ? "waiting" : "none" };
}

function show(root, state) {
  for (const one of root.querySelectorAll("[data-when]")) one.hidden = one.dataset.when !== state;
}

// Asked again whenever the page was brought up to date, which puts the button back as the server has it.
async function prepare(form) {
  const { state } = await stateOf(form);
  show(form, state);
  form.querySelector(".say-it").disabled = state !== "ready" || sent.has(form);
}

async function sign(form) {
  if (sent.has(form)) return;
  sent.add(form);
  form.querySelector(".say-it").disabled = true;
  const kept = await find(form.dataset.person, form.dataset.key);
  form.elements.signature.value = await signedBy(kept, document);
  HTMLFormElement.prototype.submit.call(form);
}

// One click: the form makes a draft, the draft's own page is read, signed and sent, as its button would do. What
// arrives meanwhile may put another form in this one's place: nothing is looked up in it later.
async function oneClick(form) {
  const send = (address, fields, headers = {}) =>
    fetch(address, { method: "POST", body: new URLSearchParams(fields), headers });
  const bell = form.closest("[data-bell]")?.dataset;
  const rang = bell && { csrf: form.elements.csrf.value, until_ms: bell.until, bell: bell.bell };
  const drafted = await send(form.action, new FormData(form));
  const page = new DOMParser().parseFromString(await drafted.text(), "text/html");
  const confirming = page.querySelector("form[data-sign]");
  if (!confirming) throw new Error("No draft was made: the page that the form leads to says why.");
  const confirmation = new URL(confirming.getAttribute("action"), location.href);
  const { state, kept } = await stateOf(confirming);
  if (state !== "ready" || page.querySelector(".cautions .grave, input[name=real]")) {
    // There is something to read first.
    location.assign(confirmation);
    return;
  }
  const fields = new FormData(confirming);
  fields.set("signature", await signedBy(kept, page));
  const said = await send(confirmation, fields);
  const outcome = new DOMParser().parseFromString(await said.text(), "text/html");
  const fresh = outcome.querySelector("#wishes");
  const here = document.querySelector("#wishes");
  if (!said.ok || !fresh || !here) {
    location.assign(said.ok ? said.url : confirmation);
    return;
  }
  here.replaceWith(document.adoptNode(fresh));
  // Whoever has said it needs no bell for it; taken back, it rings again at its next moment.
  if (rang) await send("/siren/silence", rang, { "HX-Request": "true" }).catch(() => {});
}

// Pressed twice, it is said once. A page that is brought up to date has the button again, if it is still to be said.
async function once(form) {
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  try {
    await oneClick(form);
  } catch {
    HTMLFormElement.prototype.submit.call(form);
  }
}

async function preparePlaces(places) {
  if (!(await canSign())) {
    show(document, "cannot");
    return;
  }
  for (const one of places) {
    const { person, key: name } = one.dataset;
    const kept = await find(person, name);
    const vkey = kept ? (await vkeyOf(kept)).vkey : "";
    const card = [...one.querySelectorAll("[data-vkey]")].find((each) => each.dataset.vkey === vkey);
    if (card) {
      card.querySelector("[data-here]").hidden = false;
      continue;
    }
    one.querySelector("form[data-make]").hidden = false;
  }
}

// One that the server has forgotten counts for nothing any more, and is replaced.
async function makeFor(form) {
  const { person, key: name } = form.closest("[data-place]").dataset;
  const made = await make(person, name);
  form.elements.public.value = base64(made.public);
  HTMLFormElement.prototype.submit.call(form);
}

function begin() {
  for (const form of document.querySelectorAll("form[data-sign]")) prepare(form);
  const places = [...document.querySelectorAll("[data-place]")];
  if (places.length) preparePlaces(places);
}

begin();
document.addEventListener("htmx:after:swap", begin);
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  const work = form.matches("[data-sign]") ? sign : form.matches("[data-make]") ? makeFor : null;
  if (work) {
    event.preventDefault();
    // A browser that lost its key, or will not use it: the server says that nothing was signed, and what to do.
    work(form).catch(() => HTMLFormElement.prototype.submit.call(form));
  } else if (form.matches("[data-one-click]")) {
    event.preventDefault();
    once(form);
  }
});
