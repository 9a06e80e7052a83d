// The page of a case: what waits for this desk follows what comes in; a list that grows stays bearable; a file
// that is made saves itself.

const AFTER_MS = 800;
const MOST_ROWS = 400;
let timer;

// The sections that all see alike come by themselves. What waits for whoever looks, this page asks for.
function follow() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (document.getElementById("case-turn")) htmx.trigger("#case-turn", "followed");
  }, AFTER_MS);
}

// What is let go of at the end is to be had again by the way that leads on from there.
function shorten() {
  const rows = document.querySelectorAll("#case-rows > .case-entry");
  const more = document.querySelector("#case-rows > #case-more");
  if (rows.length <= MOST_ROWS || !more) return;
  for (const row of [...rows].slice(MOST_ROWS)) row.remove();
  const link = more.querySelector("a");
  const to = new URL(link.href);
  to.searchParams.set("after", rows[MOST_ROWS - 1].dataset.ref);
  link.href = to.pathname + to.search;
  link.setAttribute("hx-get", link.getAttribute("href"));
  more.hidden = false;
}

function save() {
  for (const link of document.querySelectorAll("a[data-ready]:not([data-saved])")) {
    link.dataset.saved = "";
    link.click();
  }
}

document.addEventListener("htmx:after:swap", (event) => {
  const came = event.detail?.ctx?.text ?? "";
  // What somebody is about to say is not asked of them again, until they take it back.
  if (came.includes('<hx-partial hx-target="#wishes')) follow();
  if (came.includes('<hx-partial hx-target="#case-')) {
    follow();
    shorten();
  }
  save();
});
