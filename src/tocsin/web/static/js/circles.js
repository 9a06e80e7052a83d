// Files on pages of circles and logs: text goes into its text area, anything else is sent as it is.

const csrf = document.querySelector('meta[name="csrf"]')?.content ?? "";

// What the chosen or dropped files say, in the text area that is meant: below what it has where all belong into
// one, else further ones in the next empty areas.
async function put(files, field) {
  const area = document.getElementById(field.dataset.drop);
  if ("all" in field.dataset) {
    const texts = await Promise.all(files.map((file) => file.text()));
    area.value = [area.value, ...texts].map((text) => text.trim()).filter(Boolean).map((text) => `${text}\n`).join("\n");
    return;
  }
  const areas = [...area.form.querySelectorAll(`textarea[name="${CSS.escape(area.name)}"]`)];
  let place = areas.indexOf(area);
  for (const file of files) {
    areas[place].value = await file.text();
    place = areas.findIndex((one, index) => index > place && !one.value);
    if (place < 0) break;
  }
}

// The file itself, or its text: one of the two is needed.
function weigh(form) {
  const text = form.querySelector("textarea");
  text.required = false;
  form.querySelector('input[type="file"]').required = !text.value;
}

// What is there with scripts alone. A page that is sent anew while it is open loses it.
function dress() {
  for (const field of document.querySelectorAll("[data-drop]")) {
    field.querySelector("[data-into]").multiple = "all" in field.dataset || Boolean(field.closest("[data-many]"));
    field.querySelector(".choose").hidden = false;
  }
  for (const form of document.querySelectorAll("form[data-raw]")) {
    form.querySelector("[data-drop-raw]").hidden = false;
    weigh(form);
  }
}

// A file that need not be text is the whole body; the other fields stand in the address.
async function send(form, file) {
  const busy = form.querySelector("[data-busy]");
  busy.hidden = false;
  const address = new URL(form.action);
  for (const name of ["circle", "other"]) address.searchParams.set(name, form.elements[name]?.value ?? "");
  const answer = await fetch(address, {
    method: "POST",
    body: file,
    headers: { "X-CSRF": csrf, "Content-Type": "application/octet-stream" },
  }).finally(() => {
    busy.hidden = true;
  });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.getElementById("main").replaceWith(page.getElementById("main"));
  document.body.className = page.body.className;
  document.title = page.title;
  document.getElementById("main").focus();
}

const fieldOf = (event) => event.target instanceof Element && event.target.closest("[data-drop], [data-drop-raw]");

function over(event) {
  const field = fieldOf(event);
  if (!field) return;
  event.preventDefault();
  field.classList.add("dropping");
}

document.addEventListener("dragover", over);
document.addEventListener("dragenter", over);
document.addEventListener("dragleave", (event) => fieldOf(event) && fieldOf(event).classList.remove("dropping"));
document.addEventListener("drop", (event) => {
  const field = fieldOf(event);
  if (!field) return;
  event.preventDefault();
  field.classList.remove("dropping");
  const [first, ...more] = event.dataTransfer.files;
  if (!first) return;
  if ("drop" in field.dataset) {
    put([first, ...more], field);
  } else {
    const chosen = new DataTransfer();
    chosen.items.add(first);
    field.querySelector('input[type="file"]').files = chosen.files;
  }
});
document.addEventListener("change", async (event) => {
  if (!event.target.matches("[data-into]")) return;
  await put([...event.target.files], fieldOf(event));
  // Whoever chooses the same file again means it: after going back, say.
  event.target.value = "";
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-raw]");
  if (form) weigh(form);
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  const file = form.matches("form[data-raw]") && form.querySelector('input[type="file"]').files[0];
  if (!file) return;
  event.preventDefault();
  send(form, file);
});
document.addEventListener("htmx:after:swap", dress);

dress();
for (const pasted of document.querySelectorAll("[data-pasted]")) {
  pasted.open = Boolean(pasted.querySelector("textarea").value);
}
