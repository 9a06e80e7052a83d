// How long the digits of a call are good, counted down from what the server said when it sent them, and new
// ones when the minute turns. Printing a sheet.

const TICK_MS = 250;
const AGAIN_MS = 5_000;
const SOON_MS = 10_000;
// A page that somebody forgot shows nothing new after this.
const STOP_MS = 15 * 60_000;

const now = () => ({ steady: performance.now(), wall: Date.now() });
// One of the two goes on while a computer sleeps; which, differs.
const since = (then) => Math.max(performance.now() - then.steady, Date.now() - then.wall);

const opened = now();
let shown = "";
let came = opened;
let asked = null;

function tick() {
  const call = document.getElementById("call");
  if (!call) return;
  const { untilMs, leftMs } = call.dataset;
  if (shown !== `${untilMs} ${leftMs}`) {
    shown = `${untilMs} ${leftMs}`;
    came = now();
  }
  const left = Math.max(0, Number(leftMs) - since(came));
  const seconds = String(Math.ceil(left / 1_000));
  const written = call.querySelector(".call-seconds");
  if (written.textContent !== seconds) written.textContent = seconds;
  call.querySelector("progress").value = left / 1_000;
  call.querySelector(".call-left").hidden = left === 0;
  call.querySelector(".call-over").hidden = left > 0;
  const soon = call.querySelector(".call-soon");
  if (soon) soon.hidden = left === 0 || left > SOON_MS;
  call.classList.toggle("over", left === 0);
  if (left > 0 || document.hidden || since(opened) > STOP_MS) return;
  if (asked && since(asked) < AGAIN_MS) return;
  asked = now();
  call.dispatchEvent(new CustomEvent("minute"));
}

if (document.getElementById("call")) {
  tick();
  setInterval(tick, TICK_MS);
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("htmx:after:swap", tick);
}

const print = document.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
