// What every page does in the browser: moments in the reader's zone, and the clock.

const zone = document.documentElement.dataset.zone || "UTC";
const language = document.documentElement.lang;

const inZone = new Intl.DateTimeFormat(language, {
  timeZone: zone,
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
});
const inChart = new Intl.DateTimeFormat("sv-SE", {
  timeZone: zone,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
});
const utc = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

// Each moment stands in UTC as it came; beside it, once, the same in the reader's zone.
function localise(root) {
  if (zone === "UTC") return;
  for (const time of root.querySelectorAll("time[datetime]:not([data-here])")) {
    time.dataset.here = "";
    const here = document.createElement("span");
    here.className = "here";
    here.textContent = ` (${inZone.format(new Date(time.dateTime))})`;
    time.append(here);
  }
  for (const note of root.querySelectorAll("[data-zones][hidden]")) note.hidden = false;
  // A chart is drawn for everybody, in UTC. Below a time of it: the same here, and whether that is another day.
  for (const text of root.querySelectorAll("text[data-here-ms]:empty")) {
    const [day, clock, utcDay] = moment(text);
    text.textContent = clock + (day > utcDay ? " +1" : day < utcDay ? " −1" : "");
  }
  for (const part of root.querySelectorAll("g[data-here-ms]:not([data-here])")) {
    part.dataset.here = "";
    const [day, clock] = moment(part);
    part.querySelector("title").textContent += ` (${day} ${clock} ${zone})`;
  }
}

function moment(element) {
  const at = new Date(Number(element.dataset.hereMs));
  return [...inChart.format(at).split(" "), at.toISOString().slice(0, 10)];
}

function tick() {
  const now = document.querySelector("[data-now]");
  if (now) now.textContent = `${utc.format(new Date())} UTC`;
}

// Where there is no room for all ways, one sees at least where one is.
document.querySelector(".ways [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
localise(document);
tick();
setInterval(tick, 1000);
document.addEventListener("htmx:after:swap", () => localise(document));
