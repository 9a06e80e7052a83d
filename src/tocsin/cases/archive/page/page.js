/* The page's own part: shows what the verifier finds, beside each record and above all of them. */
"use strict";

(async () => {
  const data = JSON.parse(document.getElementById("evidence").textContent);
  const verdict = document.getElementById("verdict");
  const say = (key, values = {}) => data.words[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const line = (parent, text, kind = "") => {
    const added = document.createElement("p");
    added.textContent = text;
    added.className = kind;
    parent.append(added);
    return added;
  };
  const breathe = () => new Promise((resolve) => setTimeout(resolve));
  const named = (members) => members.map((one) => `${one.label} (${one.economy})`).join(", ");

  // What the page shows, place by place, as it was read and before anything is added: as archive/shown.py has it.
  if (document.readyState === "loading") await new Promise((go) => document.addEventListener("DOMContentLoaded", go));
  document.body.normalize();
  const title = document.querySelector("title");
  const shown = title ? [[verdict, title.textContent]] : [];
  const walk = (root) => {
    for (const one of root.childNodes) {
      if (one.nodeType === Node.TEXT_NODE && /[^ \n]/.test(one.data)) shown.push([root, one.data]);
      if (one.nodeType !== Node.ELEMENT_NODE) continue;
      const tag = one.tagName.toLowerCase();
      const told = Array.from(one.attributes, ({ name, value }) => ` ${name}="${value}"`).sort();
      shown.push([one, `<${tag}${told.join("")}>`]);
      if (!["script", "noscript"].includes(tag)) walk(one);
    }
  };
  walk(document.body);
  const changed = new Set(verifier.changed(data.shown, shown.map(([, told]) => told)).map((at) => shown[at]?.[0] ?? verdict));
  // Letters and digits alone: how a page writes the rest, it may choose.
  const letters = (text) =>
    text.replace(/⟨U\+[0-9A-F]+⟩|[^\p{L}\p{N}\p{M}]|[\u034f\u115f\u1160\u3164\uffa0]/gu, "");
  const written = new Set();
  const read = (value) => {
    if (typeof value === "string") written.add(letters(value));
    else if (value && typeof value === "object") Object.values(value).forEach(read);
  };

  const status = document.createElement("p");
  status.textContent = say("verifying");
  verdict.prepend(status);
  const failures = [];
  let count = 0;
  let last = Date.now();
  for (const { name, proven, failure } of verifier.verify(data)) {
    count += 1;
    const place = document.getElementById(`record-${name}`);
    let problem = failure;
    if (!problem && (!place || place.textContent !== verifier.shown(proven.record))) problem = say("shown_differs");
    if (problem) failures.push([name, problem]);
    else read(verifier.read(proven.record));
    const told = problem
      ? say("not_proven", { record: name, why: problem })
      : say("proven", { record: name, author: proven.author.label, holders: named(proven.holders) || "–" });
    if (place) line(place.parentElement.parentElement, told, problem ? "bad" : "good");
    if (Date.now() - last > 50) {
      status.textContent = `${say("verifying")} ${count} / ${data.proofs.length}`;
      await breathe();
      last = Date.now();
    }
  }
  for (const { name, why } of data.unproven) line(verdict, say("unproven", { record: name, why }), "waiting");
  const beginnings = [...written];
  const isWritten = (quote) => {
    const [, text, cut] = /^“?([^]*?)(…?)”?$/.exec(quote);
    return written.has(letters(text)) || (cut && beginnings.some((one) => one.startsWith(letters(text))));
  };
  const strange = [...document.querySelectorAll("blockquote")].filter((one) => !isWritten(one.textContent));
  const mark = (place, key) => {
    const added = document.createElement("strong");
    added.textContent = ` ${say(key)}`;
    added.className = "bad";
    place.append(added);
  };
  for (const place of changed) mark(place, "place_differs");
  for (const place of strange) if (!changed.has(place)) mark(place, "quote_differs");
  // Where records stand without a proof, quotes of them are in no proven one, and nobody need have changed them.
  const missing = data.unproven.length;
  const differs = changed.size || (strange.length && !missing);
  const failed = say("some_failed", { failed: failures.length + missing, count: count + missing });
  if (differs) {
    status.textContent = say("page_differs", { count: new Set([...changed, ...strange]).size });
    status.className = "bad";
    if (failures.length) line(verdict, failed, "bad");
    for (const [name, why] of failures) line(verdict, say("not_proven", { record: name, why }), "bad");
  } else if (failures.length || missing) {
    status.textContent = failed;
    status.className = failures.length ? "bad" : "waiting";
    for (const [name, why] of failures) line(verdict, say("not_proven", { record: name, why }), "bad");
  } else {
    status.textContent = say("all_proven", { count });
    status.className = count ? "good" : "waiting";
  }
  verdict.dataset.outcome = failures.length || differs ? "failed" : "proven";

  const results = document.getElementById("files-found");
  document.getElementById("files").addEventListener("change", async (event) => {
    results.replaceChildren();
    for (const file of event.target.files) {
      const expected = data.files.filter((one) => one.name.split("/").at(-1) === file.name);
      const found = verifier.hashOfBytes(new Uint8Array(await file.arrayBuffer()));
      const fits = expected.some((one) => one.sha256 === found);
      const key = fits ? "file_fits" : expected.length ? "file_differs" : "file_unknown";
      line(results, say(key, { name: file.name }), fits ? "good" : "bad");
      await breathe();
    }
  });
})();
