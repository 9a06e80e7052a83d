// What a person would see that is wrong with a page: text that is cut off, that lies over other text, or that
// runs out of the page. Returns a list of findings, each with the text.
() => {
  const found = [];
  const seen = (element) => {
    const style = getComputedStyle(element);
    return style.visibility !== "hidden" && style.display !== "none" && Number(style.opacity) > 0.05;
  };
  // What only screen readers are to find is shrunk to a pixel.
  const shrunk = (element) => {
    for (let up = element; up && up !== document.body; up = up.parentElement) {
      const box = up.getBoundingClientRect();
      if (box.width <= 1 && box.height <= 1 && getComputedStyle(up).overflow === "hidden") return true;
    }
    return false;
  };
  const hiddenOnPurpose = (element) =>
    shrunk(element) ||
    element.closest(".visually-hidden, .skip, [hidden], noscript, title, desc, script, style, template, option") !== null ||
    (element.closest("details:not([open])") !== null && element.closest("summary") === null);
  const wide = document.documentElement;
  if (wide.scrollWidth > wide.clientWidth + 1) {
    found.push({ what: "page wider than the window", by: wide.scrollWidth - wide.clientWidth });
  }
  const pieces = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.textContent.trim() || !element || hiddenOnPurpose(element) || !seen(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 2 || box.height < 2) continue;
      let scrolls = false;
      let clipped = false;
      for (let up = element; up && up !== document.body; up = up.parentElement) {
        const style = getComputedStyle(up);
        const clip = up.getBoundingClientRect();
        if (/auto|scroll/.test(style.overflowX + style.overflowY)) scrolls = true;
        if (style.position === "sticky" || style.position === "fixed") scrolls = true;
        if (/hidden|clip/.test(style.overflowX + style.overflowY) && !scrolls) {
          const out = box.right > clip.right + 2 || box.left < clip.left - 2 || box.bottom > clip.bottom + 4;
          const told = up.closest("[title]") !== null || style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
          if (out && !told) clipped = true;
        }
      }
      if (clipped) found.push({ what: "text cut off", text: node.textContent.trim().slice(0, 80) });
      if (!scrolls && (box.right > wide.clientWidth + 2 || box.left < -2)) {
        found.push({ what: "text outside the window", text: node.textContent.trim().slice(0, 80) });
      }
      if (!scrolls) pieces.push({ node, element, box });
    }
  }
  pieces.sort((one, other) => one.box.top - other.box.top);
  for (let at = 0; at < pieces.length; at += 1) {
    for (let next = at + 1; next < pieces.length; next += 1) {
      const [one, other] = [pieces[at], pieces[next]];
      if (other.box.top >= one.box.bottom - 3) break;
      if (one.node === other.node) continue;
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (across > 3 && down > Math.min(one.box.height, other.box.height) * 0.35) {
        found.push({
          what: "text over text",
          text: one.node.textContent.trim().slice(0, 60),
          other: other.node.textContent.trim().slice(0, 60),
        });
      }
    }
  }
  return found.slice(0, 20);
}
