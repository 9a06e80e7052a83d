// The situation room in the browser: rows that arrive take their place, a case opens beside the list, and keys.

import { follow } from "./live.js";

const WIDE = matchMedia("(min-width: 64rem)");
const list = () => document.getElementById("cases");
const beside = () => document.getElementById("beside");

// Rows that arrive: each has its place in the order that the server says, and may be of another filter.

function belongs(row) {
  const { circle, standing, after } = list().dataset;
  return (
    (!circle || circle === row.dataset.circle) &&
    (!standing || standing === row.dataset.standing) &&
    (!after || row.dataset.order > after)
  );
}

function place(row) {
  const there = list().querySelector(`#${CSS.escape(row.id)}`);
  const focused = there?.contains(document.activeElement);
  const was = there?.dataset.order;
  if (there?.getAttribute("aria-current")) row.setAttribute("aria-current", "true");
  there?.remove();
  if (!belongs(row)) {
    row.remove();
    return;
  }
  const next = [...list().children].find((other) => other.dataset.order > row.dataset.order);
  if (was === row.dataset.order) row.classList.remove("arrived");
  list().insertBefore(row, next ?? null);
  if (focused) row.querySelector("a").focus({ preventScroll: true });
}

const MINE_MS = 10_000;
let asked = 0;
let asking = 0;
let told = Date.now();
let changed = 0;

// Who hears the page is told how much changed, and not more often than one can listen to.
function tell(count) {
  changed += count;
  if (Date.now() - told < 10_000) return;
  const words = document.getElementById("changed");
  words.textContent = words.dataset.says.replace("{n}", changed);
  told = Date.now();
  changed = 0;
}

function arrive() {
  const arrivals = document.getElementById("arrivals");
  if (!arrivals?.children.length) {
    settle();
    return;
  }
  tell(arrivals.children.length);
  for (const row of [...arrivals.children]) place(row);
  for (const row of [...list().children].slice(Number(list().dataset.most))) row.remove();
  settle();
  ask();
}

// What waits for whoever looks is each one's own, and not in the stream: asked for at once, then not too often.
function ask() {
  asking ||= setTimeout(() => {
    asking = 0;
    asked = Date.now();
    document.getElementById("mine")?.dispatchEvent(new Event("news"));
  }, Math.max(0, asked + MINE_MS - Date.now()));
}

function settle() {
  const reading = document.querySelector("#reading .notice");
  document.getElementById("no-cases").hidden = list().children.length > 0 || reading !== null;
}

// The page that was asked for anew knows nothing of a case that is open beside it.
function restore() {
  if (!current || beside().hidden) return;
  document.getElementById("room").classList.add("split");
  document.getElementById(current)?.setAttribute("aria-current", "true");
}

document.addEventListener("htmx:after:swap", () => {
  arrive();
  restore();
});

// A case beside the list, where there is room for both

let opening = null;
let current = null;

async function open(link) {
  const aside = beside();
  const content = document.getElementById("beside-content");
  opening?.abort();
  opening = new AbortController();
  const { signal } = opening;
  mark(link);
  aside.hidden = false;
  document.getElementById("room").classList.add("split");
  const own = aside.querySelector(".beside-own");
  own.href = link.href;
  own.hidden = true;
  if (aside.getBoundingClientRect().top > innerHeight / 3) aside.scrollIntoView({ block: "start" });
  const slow = setTimeout(() => {
    content.textContent = aside.dataset.saysWaits;
    content.append(document.createElement("progress"));
  }, 300);
  try {
    const answer = await fetch(link.href, {
      signal,
      headers: { "HX-Request": "true", "HX-Target": "aside#beside", Accept: "text/html" },
    });
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    clearTimeout(slow);
    const main = page.querySelector("main") ?? page.body;
    content.replaceChildren(...main.childNodes);
    aside.classList.toggle("drill", page.body.classList.contains("drill") || link.closest("li").classList.contains("drill"));
    htmx.process(content);
    const connection = page.querySelector("[hx-sse\\:connect]")?.getAttribute("hx-sse:connect");
    const topics = connection ? new URL(connection, location.href).searchParams.getAll("topic") : [];
    const [, , circle, name] = new URL(link.href).pathname.split("/");
    follow([...topics.filter((topic) => !topic.startsWith("person/")), `case/${circle}/${name}`]);
    for (const script of page.querySelectorAll("script[type=module][src]")) import(script.src);
    document.dispatchEvent(new CustomEvent("htmx:after:swap"));
    history.replaceState(history.state, "", `#${link.closest("li")?.id ?? ""}`);
    aside.scrollTop = 0;
    content.focus({ preventScroll: true });
  } catch (error) {
    clearTimeout(slow);
    if (error.name === "AbortError") return;
    content.textContent = aside.dataset.saysFailed;
    own.hidden = false;
  }
}

function close() {
  if (beside().hidden) return;
  opening?.abort();
  beside().hidden = true;
  document.getElementById("beside-content").replaceChildren();
  document.getElementById("room").classList.remove("split");
  follow([]);
  history.replaceState(history.state, "", location.pathname + location.search);
  const row = current && document.getElementById(current);
  current = null;
  row?.removeAttribute("aria-current");
  row?.querySelector("a").focus();
}

function mark(link) {
  list().querySelector("[aria-current]")?.removeAttribute("aria-current");
  const row = link.closest("#cases > li");
  row.setAttribute("aria-current", "true");
  current = row.id;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) close();
  const link = event.target.closest("#cases a.incident-link");
  if (!link || !WIDE.matches || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
});

// Keys, unless somebody types, or wants none

const KEPT = "tocsin-keys";
const keysOn = document.getElementById("keys-on");
keysOn.checked = localStorage.getItem(KEPT) !== "off";
keysOn.addEventListener("change", () => localStorage.setItem(KEPT, keysOn.checked ? "on" : "off"));

function move(by) {
  const links = [...list().querySelectorAll("a.incident-link")];
  const here = links.findIndex((link) => link.closest("li").contains(document.activeElement));
  const from = here >= 0 ? here : links.findIndex((link) => link.closest("li").hasAttribute("aria-current"));
  const link = links[Math.min(Math.max(from + by, 0), links.length - 1)];
  link?.focus();
  link?.closest("li").scrollIntoView({ block: "nearest" });
  if (link && !beside().hidden) open(link).then(() => link.focus({ preventScroll: true }));
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const keys = document.getElementById("keys");
  if (keys.open || event.target.closest("input, select, textarea, [contenteditable]")) return;
  if (event.key === "Escape") close();
  const within = list().contains(document.activeElement);
  if (!keysOn.checked && event.key !== "?") return;
  if (event.key === "j" || (within && event.key === "ArrowDown")) move(1);
  else if (event.key === "k" || (within && event.key === "ArrowUp")) move(-1);
  else if (event.key === "?") keys.showModal();
  else return;
  event.preventDefault();
});

const wanted = location.hash && document.getElementById(location.hash.slice(1))?.querySelector("a.incident-link");
if (wanted && WIDE.matches) open(wanted);
