// The stream to this page: whether it is there, in words; asking for the page anew where something was missed;
// clocks that tick. What comes in it is put in its place by htmx (hx-sse).

const SILENT_MS = 13_000;
const AGAIN_MS = 3_000;

const words = () => document.getElementById("live");
const number = (moment) => {
  const [boot, at] = (moment || "").split("-");
  return { boot, at: Number(at) || 0 };
};

let connection = null;
let heardAt = 0;
let triedAt = Date.now();
let aheadMs = 0;
let refreshing = null;
let newest = number(document.getElementById("main").dataset.moment);

// The state, in words

function show(state) {
  const live = words();
  if (!live || live.dataset.state === state) return;
  live.dataset.state = state;
  live.querySelector(".live-words").textContent = live.dataset[`says${state[0].toUpperCase()}${state.slice(1)}`];
}

const state = () => words()?.dataset.state;

// Asking for the page anew: what is typed, opened or scrolled to stays as it is

function typed() {
  return [...document.querySelectorAll("main :is(input, textarea)")].some(
    (field) => field.type !== "hidden" && field.type !== "search" && field.value !== field.defaultValue,
  );
}

async function fetchAnew() {
  const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
  if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
    location.reload();
    return;
  }
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.getElementById("live")?.dataset.version !== words().dataset.version) {
    if (typed()) show("old");
    else location.reload();
    return;
  }
  // What a form was answered with is at no address: only what stands above it is asked for anew.
  const posted = "posted" in document.getElementById("main").dataset;
  for (const anew of [...(posted ? [] : [page.getElementById("main")]), ...page.querySelectorAll(".slot")]) {
    const target = document.getElementById(anew.id);
    if (target) {
      await htmx.swap({ sourceElement: document.body, target, text: anew.outerHTML, swap: "outerMorph" });
    }
  }
  newest = number(page.getElementById("main").dataset.moment);
}

function refresh() {
  refreshing ??= fetchAnew()
    .catch(() => {})
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

// What the stream says of itself

function heard(event) {
  heardAt = Date.now();
  const [moment, serverMs] = event.detail.data.split(" ");
  const ahead = Number(serverMs) - Date.now();
  aheadMs = Math.abs(ahead) < 1_000 ? 0 : ahead;
  return number(moment);
}

function opened(event) {
  const there = heard(event);
  crowded = false;
  show("live");
  if (there.boot !== newest.boot || there.at > newest.at) refresh();
}

function lost() {
  if (state() === "live") show("lost");
}

// A page that nobody sees gives its connection to those that somebody does: a browser has six for all of them.
// It keeps it if it has the siren's sound; and of the pages that may, one keeps it.
let isTheOne = false;

// One that made room for others of its session rests until somebody turns to it: else they would push each other
// out for ever. The one that has the sound comes again at once.
let crowded = false;

function rests() {
  const { dataset } = words();
  if ("sounds" in dataset) return false;
  return crowded || (document.hidden && !("keep" in dataset && isTheOne));
}

if (words() && "keep" in words().dataset) {
  navigator.locks?.request("tocsin-kept", () => {
    isTheOne = true;
    return new Promise(() => {});
  });
}

function listen(live) {
  live.addEventListener("opened", opened);
  live.addEventListener("beat", heard);
  live.addEventListener("refresh", refresh);
  live.addEventListener("crowded", () => {
    crowded = true;
    if (rests()) show("crowded");
  });
  live.addEventListener("htmx:sse:before:connection", (event) => {
    if (rests()) event.detail.connection.cancelled = true;
  });
  live.addEventListener("htmx:sse:after:connection", (event) => {
    connection = event.detail.connection;
    heardAt = Date.now();
  });
  live.addEventListener("htmx:sse:before:message", (event) => {
    heardAt = Date.now();
    const { id, event: name } = event.detail.message;
    if (name || !id) return;
    const at = number(id);
    // What is newer than what is being asked for anew waits for that, so as not to be put back.
    if (refreshing) event.detail.waitUntil(refreshing);
    if (at.at > newest.at) newest = at;
  });
  live.addEventListener("htmx:sse:error", (event) => {
    lost();
    if (event.detail.status === 401) location.reload();
  });
  live.addEventListener("htmx:sse:close", lost);
}

// A connection may be gone without anybody saying so; and one that never came is tried again.
function watch() {
  const live = words();
  if (!live || rests()) return;
  if (!live._htmx?.sse) {
    if (Date.now() - triedAt < AGAIN_MS) return;
    triedAt = Date.now();
    show("lost");
    live.dispatchEvent(new Event("reopen"));
  } else if (Date.now() - heardAt > SILENT_MS) {
    lost();
    heardAt = Date.now();
    connection?.reader?.cancel();
  }
}

// Following more, for as long as something else is shown on this page

export function follow(topics) {
  const before = words();
  const url = new URL(before.getAttribute("hx-sse:connect"), location.href);
  const own = before.dataset.own ?? url.search;
  const wanted = new URLSearchParams(own);
  for (const topic of topics) if (!wanted.getAll("topic").includes(topic)) wanted.append("topic", topic);
  const connect = `${url.pathname}?${wanted}`;
  if (connect === before.getAttribute("hx-sse:connect")) return;
  const anew = before.cloneNode(true);
  anew.dataset.own = own;
  anew.setAttribute("hx-sse:connect", connect);
  anew.removeAttribute("data-htmx-powered");
  crowded = false;
  connection?.reader?.cancel();
  before.replaceWith(anew);
  listen(anew);
  htmx.process(anew);
}

// Clocks

const two = (count) => String(count).padStart(2, "0");

function lasting(ms) {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function tick() {
  const live = words();
  for (const clock of document.querySelectorAll("[data-due]")) {
    const left = Number(clock.dataset.due) - (Date.now() + aheadMs);
    const says = left < 0 ? live.dataset.saysOver : live.dataset.saysLeft;
    clock.textContent = says.replace("{time}", lasting(left));
    clock.classList.toggle("over", left < 0);
  }
}

// Forms that came in the stream are the same for all sessions of a person: this one's token is put in here.
document.addEventListener(
  "submit",
  (event) => {
    const field = event.target.querySelector("input[name=csrf]");
    if (field && !field.value) field.value = document.querySelector("meta[name=csrf]").content;
  },
  true,
);

if (words()) {
  listen(words());
  setInterval(watch, AGAIN_MS);
  setInterval(tick, 1_000);
  tick();
  document.addEventListener("htmx:after:swap", tick);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) crowded = false;
    if (rests()) {
      connection?.reader?.cancel();
    } else {
      // Whoever looks again does not wait for the next try.
      triedAt = 0;
      watch();
    }
  });
}
