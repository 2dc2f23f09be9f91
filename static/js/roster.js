/* The roster page: begins at today, and gives each key of the grid to who acts on it. */
(() => {
  "use strict";
  const roster = window.bzRoster;
  if (!roster) return;
  const { table } = roster;
  // On a narrow screen the days scroll inside their box: begin at today.
  const today = table.tHead.querySelector("th.t");
  const scroller = table.closest(".bz-gridscroll");
  if (today && !location.hash && scroller.scrollWidth > scroller.clientWidth) {
    const names = table.tHead.querySelector("th").getBoundingClientRect();
    scroller.scrollLeft += today.getBoundingClientRect().left - names.right;
  }
  if (!roster.go) return;

  const brushes = [...document.querySelectorAll("[data-brush]")];
  const keys = new Map(brushes.filter((b) => b.dataset.key).map((b) => [b.dataset.key.toLowerCase(), b.dataset.brush]));

  function paint(code) {
    roster.change([...roster.cellsOf(roster.box())].map(([row, place]) => [row, place, code]));
  }

  const WITH_CONTROL = {
    z: (event) => (event.shiftKey ? roster.redo() : roster.undo()),
    y: () => roster.redo(),
    d: () => roster.fillToEnd(),
  };

  /* Whether a key is one of the grid's. */
  function pressed(event) {
    const { key } = event;
    const letter = key.toLowerCase();
    if (roster.pressed(event)) return true;
    if (event.ctrlKey || event.metaKey) {
      WITH_CONTROL[letter]?.(event);
      return letter in WITH_CONTROL;
    }
    if (event.altKey || event.isComposing) return false;
    const at = roster.focus();
    const collision = roster.collisionAt(at);
    if (collision && (key === "Enter" || key === "Escape")) {
      roster[key === "Enter" ? "mine" : "theirs"]([collision]);
    } else if (key === "Delete" || key === "Backspace") paint("");
    else if (key === "Escape") roster.go(at.row, at.place);
    else if (key === "]") roster.jump(1);
    else if (key === "[") roster.jump(-1);
    else if (keys.has(letter)) paint(keys.get(letter));
    else if (letter === "t" && Number(table.dataset.today)) roster.go(at.row, Number(table.dataset.today) - 1);
    else return false;
    return true;
  }

  table.addEventListener("keydown", (event) => {
    if (event.target.closest("tbody td") && pressed(event)) event.preventDefault();
  });
  for (const brush of brushes) brush.addEventListener("click", () => paint(brush.dataset.brush));
})();
