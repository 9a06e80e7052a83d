// Words in small Latin letters that a person reads or hears on a page in a language of another script: what lower
// layers said, and nobody translated. Codes, what others wrote and what says that it is English are no part of it.
() => {
  const others = "code, bdi, pre, kbd, script, style, textarea, [translate=no], [lang]:not(html)";
  const names = new Set(["east", "north", "duty", "node", "organisation", "tocsin"]);
  const spoken = ["aria-label", "title", "placeholder", "alt"];
  const found = new Set();
  const look = (text) => {
    for (const [word] of text.matchAll(/(?<![\w.\-/:@])[a-z]{3,}(?![\w\-/@]|\.\S|:\/)/g)) {
      if (!names.has(word)) found.add(word);
    }
  };
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest("noscript") && !parent.closest(others)) look(walker.currentNode.data);
  }
  for (const element of document.querySelectorAll(spoken.map((name) => `[${name}]`).join())) {
    if (!element.closest(others)) for (const name of spoken) look(element.getAttribute(name) ?? "");
  }
  return [...found];
}
