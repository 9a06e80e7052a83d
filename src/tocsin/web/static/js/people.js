// Shows who somebody is, or makes what will show it: asks the console for a challenge, has the authenticator or a
// key file answer, and sends the form with that answer. Forms say in data-proof what they are for.

import { makeKeyFile, openKeyFile, saveFile, signAs, Problem } from "./keyfile.js";

const MAX_KEY_FILE_BYTES = 4096;

for (const form of document.querySelectorAll("form[data-proof]")) {
  form.addEventListener("submit", (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    begin(form);
  });
}

// A code stands behind the # of an address, which browsers keep to themselves; there it does not stay.
const typed = document.querySelector("[data-code]");
if (typed && location.hash.length > 1) {
  typed.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}

async function begin(form) {
  const problem = form.querySelector("[data-problem]");
  const button = form.querySelector("[data-begin]");
  problem.hidden = true;
  button.disabled = true;
  try {
    await (form.dataset.kind === "passkey" ? byPasskey(form) : byKeyFile(form));
  } catch (error) {
    problem.textContent = form.dataset[reasonOf(error)];
    problem.hidden = false;
    button.disabled = false;
  }
}

function reasonOf(error) {
  if (error instanceof Problem) return error.reason;
  if (error.name === "InvalidStateError") return "known";
  return error.name === "NotAllowedError" || error.name === "AbortError" ? "declined" : "failed";
}

async function ask(form) {
  const csrf = form.elements.csrf?.value;
  const said = { code: form.elements.code?.value ?? "", name: form.elements.name?.value ?? "" };
  const answer = await fetch(form.dataset.ask, {
    method: "POST",
    headers: { "content-type": "application/json", ...(csrf ? { "x-csrf": csrf } : {}) },
    body: JSON.stringify(said),
  });
  if (!answer.ok) throw new Problem("failed");
  return answer.json();
}

async function byPasskey(form) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) throw new Problem("unsupported");
  const { options } = await ask(form);
  const credential =
    form.dataset.proof === "make"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  send(form, credential.toJSON());
}

async function byKeyFile(form) {
  const passphrase = form.querySelector("#passphrase").value;
  if (form.dataset.proof === "show") {
    const [file] = form.querySelector("#key-file").files;
    if (file.size > MAX_KEY_FILE_BYTES) throw new Problem("other");
    const opened = await openKeyFile(await file.text(), passphrase);
    send(form, await signAs("show", opened, await ask(form)));
    return;
  }
  if (passphrase !== form.querySelector("#passphrase-again").value) throw new Problem("differ");
  const asked = await ask(form);
  const made = await makeKeyFile(asked, passphrase);
  form.elements.answer.value = JSON.stringify(await signAs("make", made, asked));
  saveFile(made.file, `tocsin-console-${location.hostname}.json`);
  // Only a file that was saved opens the account: its owner says so.
  form.querySelector("[data-saved]").hidden = false;
  form.querySelector("[data-begin]").hidden = true;
  form.querySelector("[data-go-on]").focus();
}

function send(form, answer) {
  form.elements.answer.value = JSON.stringify(answer);
  form.submit();
}
