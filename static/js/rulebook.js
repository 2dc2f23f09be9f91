/* The rulebook's editor: line numbers, indentation that is kept, and the way from a mistake to its line.
   Everything works without it; then the text area is a text area. */
(() => {
  "use strict";
  const INDENT = "  ";
  const text = document.getElementById("id_text");
  if (!text) return;
  const gutter = text.parentElement.querySelector(".bz-gutter");
  let leaving = false;

  // ── Line numbers ──
  function number() {
    const lines = text.value.split("\n").length;
    if (gutter.childElementCount === lines) return;
    gutter.replaceChildren(
      ...Array.from({ length: lines }, (_, index) => {
        const line = document.createElement("span");
        line.textContent = String(index + 1);
        return line;
      }),
    );
    mark();
  }

  function mark() {
    const wrong = new Set([...document.querySelectorAll("[data-line]")].map((link) => Number(link.dataset.line)));
    [...gutter.children].forEach((line, index) => line.classList.toggle("is-bad", wrong.has(index + 1)));
  }

  function follow() {
    gutter.scrollTop = text.scrollTop;
  }

  // ── From a mistake to its line ──
  function show(line) {
    const lines = text.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    const height = parseFloat(getComputedStyle(text).lineHeight);
    text.scrollTop = Math.max(0, (line - 4) * height);
  }

  function go(line) {
    text.focus();
    show(line);
    text.scrollIntoView({ block: "nearest" });
  }

  // ── Indentation ──
  function put(words) {
    // Through the browser's own editing, so that undo knows it; where that is refused, directly.
    if (!document.execCommand("insertText", false, words)) text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
  }

  text.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") {
      leaving = true;
      return;
    }
    if (event.key === "Tab" && !event.shiftKey && !leaving) {
      event.preventDefault();
      put(INDENT);
    } else if (event.key === "Enter") {
      const line = text.value.slice(text.value.lastIndexOf("\n", text.selectionStart - 1) + 1, text.selectionStart);
      event.preventDefault();
      put("\n" + line.match(/^ */)[0]);
    }
    leaving = false;
  });
  text.addEventListener("blur", () => (leaving = false));
  text.addEventListener("input", number);
  text.addEventListener("scroll", follow);

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-line], [data-own-line]");
    if (!link) return;
    event.preventDefault();
    go(Number(link.dataset.line ?? link.dataset.ownLine));
  });

  gutter.hidden = false;
  for (const element of document.querySelectorAll("[data-needs-js]")) element.hidden = false;
  number();
  mark();
  // One's own lines, where the whole file had to be shown.
  const own = document.querySelector("[data-own-line]");
  if (own) show(Number(own.dataset.ownLine));
  document.querySelector(".bz-mistakes")?.focus();
})();
