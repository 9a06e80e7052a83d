// Forms in which something is said: what was typed is not lost, attachments go up with progress, and what waits
// counts down.

const KEPT = "tocsin typed ";
const NOT_KEPT = new Set(["csrf", "saw"]);
const fresh = new WeakMap();
const touched = new WeakSet();

// What was typed

function typedIn(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.has(name));
}

const placeOf = (form) => KEPT + form.dataset.draft;

function keep(form) {
  const typed = JSON.stringify(typedIn(form));
  if (typed === fresh.get(form)) return;
  sessionStorage.setItem(placeOf(form), typed);
  touched.add(form);
  showKept(form);
}

// Asked again whenever the page was brought up to date, which hides the notice as the server has it.
function showKept(form) {
  const typed = JSON.stringify(typedIn(form));
  if (!fresh.has(form)) fresh.set(form, typed);
  const kept = sessionStorage.getItem(placeOf(form));
  const notice = document.querySelector("[data-kept]");
  if (notice) notice.hidden = !kept || kept === typed || touched.has(form) || "typed" in form.dataset;
}

// The server lays the form out with it: it knows how many rows that takes.
function takeUp(form, typed) {
  const again = document.createElement("form");
  again.method = "post";
  again.action = form.action;
  for (const [name, value] of [...typed, ["csrf", form.elements.csrf.value], ["saw", form.elements.saw.value], ["add", "-"]]) {
    const input = document.createElement("textarea");
    input.name = name;
    input.value = value;
    again.append(input);
  }
  again.hidden = true;
  document.body.append(again);
  again.submit();
}

function forgetWhatWasSent() {
  const sent = document.querySelector("[data-sent]");
  if (sent) sessionStorage.removeItem(KEPT + sent.dataset.sent);
}

function forgetAll() {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(KEPT)) sessionStorage.removeItem(name);
}

// What percentages make, in tenths: of fractions the sum is not exact.
function addUp(shares) {
  const tenths = [...shares.querySelectorAll("input")].map((one) => Math.round(10 * parseFloat(one.value.replace(",", "."))));
  shares.querySelector("[data-together]").value = tenths.reduce((sum, one) => sum + (one || 0), 0) / 10;
}

// Attachments: raw bytes, with progress, which fetch has none of for what is sent

function upload(box, file) {
  const form = box.closest("form");
  const address = new URL(box.dataset.upload, location.href);
  address.searchParams.set("name", file.name.slice(0, 80));
  if (file.type) address.searchParams.set("media_type", file.type.toLowerCase().split(";")[0]);
  if (box.querySelector("[data-illegal]").checked) address.searchParams.set("illegal", "true");
  const bar = box.querySelector("progress");
  const wrong = box.querySelector("[role=alert]");
  bar.hidden = false;
  wrong.hidden = true;
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("X-CSRF", form.elements.csrf.value);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
    };
    request.onloadend = () => {
      bar.hidden = true;
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const item = page.querySelector("li");
      if (request.status === 200 && item) {
        document.querySelector("#attached").append(document.adoptNode(item));
        keep(form);
      } else {
        wrong.textContent = page.querySelector(".notice p")?.textContent ?? `${file.name}: ${request.status}`;
        wrong.hidden = false;
      }
      resolve();
    };
    request.send(file);
  });
}

async function uploadAll(chosen) {
  for (const file of [...chosen.files]) await upload(chosen.closest("[data-upload]"), file);
  chosen.value = "";
}

// Ten seconds

const ends = new WeakMap();

function tick() {
  for (const bar of document.querySelectorAll("progress[data-left]")) {
    // Durations are the node's; this clock only counts from when they came.
    if (!ends.has(bar) || ends.get(bar).said !== bar.dataset.left) {
      ends.set(bar, { said: bar.dataset.left, at: performance.now() + Number(bar.dataset.left) });
    }
    const left = Math.max(0, ends.get(bar).at - performance.now());
    bar.value = left;
    const seconds = bar.parentElement.querySelector("[data-seconds]");
    if (seconds) seconds.textContent = `${Math.ceil(left / 1000)} s`;
    if (left === 0 && !bar.dataset.over) {
      bar.dataset.over = "";
      setTimeout(lookAgain, 700);
    }
  }
}

// Where no stream brings what became of it, the page is asked once.
async function lookAgain() {
  if (!document.querySelector("progress[data-over]")) return;
  const sent = document.querySelector("[data-sent]");
  if (sent) location.reload();
}

function begin() {
  for (const form of document.querySelectorAll("form[data-draft]")) showKept(form);
  for (const box of document.querySelectorAll("[data-upload]")) box.hidden = false;
  tick();
}

forgetWhatWasSent();
begin();
setInterval(tick, 100);
document.addEventListener("htmx:after:swap", begin);
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (form) keep(form);
  const shares = event.target.closest("[data-shares]");
  if (shares) addUp(shares);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-upload] input[type=file]")) uploadAll(event.target);
});
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element && event.target.closest("[data-detach], [data-kept] button");
  if (!button) return;
  const form = document.querySelector("form[data-draft]");
  if ("detach" in button.dataset) {
    button.closest("li").remove();
  } else if ("keptTake" in button.dataset) {
    takeUp(form, JSON.parse(sessionStorage.getItem(placeOf(form))));
  } else {
    sessionStorage.removeItem(placeOf(form));
    button.closest("[data-kept]").hidden = true;
  }
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement)) return;
  if (form.matches("[data-draft]")) keep(form);
  if (form.action.endsWith("/sign-out")) forgetAll();
});
