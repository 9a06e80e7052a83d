// The siren's sound and sight. It sounds in one page of this browser, the first that could; every page shows it. It
// goes on until it is silenced, here or on any other page of this person.
//
// Whether it may sound is chosen once for all pages of this browser, and kept. A browser lets no page be heard that
// nobody has touched: then it waits, says so, and begins with the first press anywhere on the page.

const CHOSEN = "tocsin-sound";
const LOUD = 0.5;
const PERIOD_S = 2.4;

let audio = null;
let playing = null;
let turn = null;
const title = document.title;
let flashing = null;

const siren = () => document.querySelector("[data-ringing]");
const chosen = () => localStorage.getItem(CHOSEN) === "on";

// A bell: partials of a struck one, rising twice for what is grave. It is made here, so there is nothing to load.
function bell(grave) {
  const rate = audio.sampleRate;
  const buffer = audio.createBuffer(1, Math.ceil(PERIOD_S * rate), rate);
  const samples = buffer.getChannelData(0);
  const strokes = grave ? [0, 0.3, 0.6, 0.9] : [0, 0.6];
  const partials = [
    [0.5, 0.4, 1.2],
    [1, 1, 0.8],
    [1.19, 0.6, 0.7],
    [1.5, 0.4, 0.5],
    [2, 0.5, 0.4],
    [2.74, 0.25, 0.25],
  ];
  for (const [nth, at] of strokes.entries()) {
    const pitch = grave ? (nth % 2 ? 880 : 660) : 523.25;
    for (let place = Math.floor(at * rate); place < samples.length; place += 1) {
      const since = place / rate - at;
      let sum = 0;
      for (const [ratio, weight, fade] of partials) {
        sum += weight * Math.exp(-since / (fade * 0.5)) * Math.sin(2 * Math.PI * pitch * ratio * since);
      }
      samples[place] += sum * Math.min(1, since * 400) * 0.14;
    }
  }
  return buffer;
}

function sound(grave, loop) {
  const source = audio.createBufferSource();
  const gain = audio.createGain();
  gain.gain.value = LOUD;
  source.buffer = bell(grave);
  source.loop = loop;
  source.connect(gain).connect(audio.destination);
  source.start();
  return source;
}

// Done as soon as the browser lets it, which may be never.
function wake() {
  if (!audio) {
    audio = new AudioContext();
    audio.onstatechange = update;
  }
  return audio.resume();
}

// Of the pages that could be heard one has its turn, for as long as it is open; then the next.
function takeTurn() {
  if (turn) return;
  const mine = { now: false };
  turn = mine;
  const over = new Promise((done) => {
    mine.end = done;
  });
  const begin = () => {
    if (turn !== mine) return null;
    mine.now = true;
    document.getElementById("live").dataset.sounds = "";
    update();
    return over;
  };
  if (navigator.locks) navigator.locks.request("tocsin-siren", begin);
  else begin();
}

function endTurn() {
  if (!turn) return;
  turn.end();
  turn = null;
  delete document.getElementById("live").dataset.sounds;
}

function state() {
  if (document.querySelector("[data-nobody]")) return "nobody";
  if (!chosen()) return "off";
  if (audio?.state !== "running") return "held";
  return turn?.now ? "on" : "elsewhere";
}

function update() {
  if (chosen() && audio?.state === "running") takeTurn();
  else endTurn();
  const rings = siren();
  const now = state();
  const grave = Boolean(rings && "grave" in rings.dataset);
  const sounds = rings && now === "on";
  if (playing && (!sounds || playing.grave !== grave)) {
    playing.source.stop();
    playing = null;
  }
  if (sounds && !playing) playing = { grave, source: sound(grave, true) };
  for (const shown of document.querySelectorAll("[data-sound]")) {
    const { dataset } = shown;
    const button = shown.querySelector("[data-turn]");
    dataset.state = now;
    button.hidden = now === "nobody";
    write(shown.querySelector(".sound-words"), dataset[`says${now[0].toUpperCase()}${now.slice(1)}`]);
    write(button, now === "off" || now === "held" ? dataset.turnOn : dataset.turnOff);
  }
  flash(rings);
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function flash(rings) {
  if (rings && !flashing) {
    let on = false;
    flashing = setInterval(() => {
      on = !on;
      document.title = on ? (siren()?.dataset.title ?? title) : title;
    }, 1_500);
  } else if (!rings && flashing) {
    clearInterval(flashing);
    flashing = null;
    document.title = title;
  }
}

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-turn]")) {
    localStorage.setItem(CHOSEN, ["off", "held"].includes(state()) ? "on" : "off");
    if (chosen()) await wake();
    update();
  } else if (event.target.closest("[data-test]")) {
    await wake();
    sound(false, false);
  }
});
for (const touch of ["click", "keydown"]) {
  document.addEventListener(touch, () => {
    if (chosen() && audio?.state !== "running") wake();
  });
}
// Another page of this browser turned it on or off.
addEventListener("storage", (event) => {
  if (event.key !== CHOSEN) return;
  if (chosen()) wake();
  update();
});
document.addEventListener("htmx:after:swap", update);
if (chosen()) wake();
update();
