/* Editing the month grid: one tab stop with a roving tabindex (WAI-ARIA grid), selection by keyboard and mouse, painting
   by a shift's letter. Every edit names the version of the cell it saw; what collides comes back and is said. */
(() => {
  "use strict";
  const table = document.getElementById("roster");
  if (!table) return;
  // On a narrow screen the days scroll inside their box: begin at today.
  const today = table.tHead.querySelector("th.t");
  const scroller = table.closest(".bz-gridbox");
  if (today && scroller.scrollWidth > scroller.clientWidth) {
    const names = table.tHead.querySelector("th").getBoundingClientRect();
    scroller.scrollLeft += today.getBoundingClientRect().left - names.right;
  }
  if (!table.dataset.cells) return;
  const words = document.getElementById("roster-words").dataset;
  const says = document.getElementById("roster-says");
  const shown = document.getElementById("roster-selection");
  const undoButton = document.querySelector("[data-undo]");
  const redoButton = document.querySelector("[data-redo]");
  const brushes = [...document.querySelectorAll("[data-brush]")];
  const marks = new Map(brushes.filter((b) => b.dataset.brush).map((b) => [b.firstChild.textContent.trim(), b.dataset.brush]));
  const names = new Map(brushes.map((b) => [b.dataset.brush, b.title]));
  const keys = new Map();
  for (const brush of brushes.filter((b) => b.dataset.brush)) {
    const key = brush.querySelector("kbd").textContent.toLowerCase();
    if (!keys.has(key)) keys.set(key, brush.dataset.brush);
  }

  const body = table.tBodies[0];
  const days = table.tHead.rows[0].querySelectorAll("th:not(.k)").length - 1;
  // The selection is a rectangle from anchor to focus, in rows and days counted from 0.
  let anchor = { row: 0, day: Math.max(0, Number(table.dataset.today) - 1) };
  let focus = { ...anchor };
  let dragging = false;
  let queue = Promise.resolve();
  const undone = [];
  const done = [];

  const cell = ({ row, day }) => body.rows[row]?.cells[day + 1];
  const member = (row) => Number(body.rows[row].dataset.m);
  const version = (row, day) => Number(body.rows[row].dataset.v.split(",")[day]);
  const nameOf = (row) => body.rows[row].cells[0].lastChild.textContent;
  const codeOf = (row, day) => codeIn(cell({ row, day }));
  const rowOf = (pk) => [...body.rows].findIndex((row) => row.dataset.m === String(pk));

  function codeIn(td) {
    const mark = td.textContent.trim();
    return marks.get(mark) ?? mark;
  }

  function box() {
    return {
      top: Math.min(anchor.row, focus.row),
      bottom: Math.max(anchor.row, focus.row),
      left: Math.min(anchor.day, focus.day),
      right: Math.max(anchor.day, focus.day),
    };
  }

  function draw(withFocus = true) {
    for (const td of body.querySelectorAll(".s, [tabindex]")) {
      td.classList.remove("s", "st", "sb", "sl", "sr");
      td.removeAttribute("tabindex");
      td.removeAttribute("aria-selected");
    }
    const { top, bottom, left, right } = box();
    for (let row = top; row <= bottom; row++) {
      for (let day = left; day <= right; day++) {
        const td = cell({ row, day });
        td.classList.add("s");
        td.classList.toggle("st", row === top);
        td.classList.toggle("sb", row === bottom);
        td.classList.toggle("sl", day === left);
        td.classList.toggle("sr", day === right);
        td.setAttribute("aria-selected", "true");
      }
    }
    const at = cell(focus);
    at.tabIndex = 0;
    if (withFocus) at.focus({ preventScroll: false });
    const cells = (bottom - top + 1) * (right - left + 1);
    shown.textContent = cells > 1 ? words.selected.replace("%(cells)s", cells) : "";
  }

  function go(row, day, extend) {
    focus = { row: Math.max(0, Math.min(body.rows.length - 1, row)), day: Math.max(0, Math.min(days - 1, day)) };
    if (!extend) anchor = { ...focus };
    draw();
  }

  // ── Saving ──
  function paint(code) {
    const edits = [];
    const { top, bottom, left, right } = box();
    let locked = false;
    for (let row = top; row <= bottom; row++) {
      for (let day = left; day <= right; day++) {
        if (cell({ row, day }).classList.contains("p")) locked = true;
        else if (codeOf(row, day) !== code) edits.push({ m: member(row), d: day + 1, from: codeOf(row, day), to: code });
      }
    }
    if (locked && !edits.length) return say(words.locked, true);
    if (edits.length) save(edits, () => (undone.length = 0, done.push(edits)));
  }

  function save(edits, after) {
    // One after the other: a second edit must see the versions that the first one made.
    queue = queue.then(() => send(edits, after)).catch(() => say(words.offline, true));
  }

  async function send(edits, after) {
    const rows = edits.map((e) => [e.m, e.d, e.to, version(rowOf(e.m), e.d - 1)]);
    for (const e of edits) cell({ row: rowOf(e.m), day: e.d - 1 }).setAttribute("aria-busy", "true");
    shown.textContent = words.saving;
    let answer;
    try {
      const response = await fetch(table.dataset.cells, {
        method: "POST",
        headers: { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] },
        body: new URLSearchParams({ edits: JSON.stringify(rows) }),
      });
      if (response.redirected) return location.reload();
      answer = await response.json();
    } finally {
      for (const td of body.querySelectorAll("[aria-busy]")) td.removeAttribute("aria-busy");
      shown.textContent = "";
    }
    if (answer.error) return say(answer.error, true);
    show(answer);
    after();
    history();
    const last = edits[edits.length - 1];
    if (answer.conflicts.length) return collided(answer.conflicts);
    const what = `${nameOf(rowOf(last.m))} ${last.d} ${names.get(last.to) || words.empty}`;
    say(words.saved.replace("%(what)s", what));
  }

  function show(answer) {
    for (const [pk, html] of Object.entries(answer.rows)) {
      const holder = document.createElement("tbody");
      holder.innerHTML = html;
      body.rows[rowOf(pk)].replaceWith(holder.rows[0]);
    }
    document.getElementById("roster-foot").innerHTML = answer.foot;
    document.getElementById("roster-bar").innerHTML = answer.bar;
    document.getElementById("roster-checks").innerHTML = answer.checks;
    draw(body.contains(document.activeElement) || document.activeElement === document.body);
  }

  function collided(conflicts) {
    const name = (code) => names.get(code) || words.empty;
    const text = conflicts.map((c) =>
      words.collided
        .replace("%(name)s", c.name)
        .replace("%(day)s", c.d)
        .replace("%(theirs)s", name(c.theirs))
        .replace("%(yours)s", name(c.yours)),
    );
    say(text.join(" "), true);
    for (const c of conflicts) cell({ row: rowOf(c.m), day: c.d - 1 }).classList.add("o");
  }

  function say(text, wrong = false) {
    says.textContent = text;
    document.getElementById("roster-note")?.remove();
    if (!wrong) return;
    const note = document.createElement("p");
    note.id = "roster-note";
    note.className = "bz-note is-warn bz-bar2";
    note.setAttribute("role", "alert");
    note.textContent = text;
    document.getElementById("roster-bar").after(note);
  }

  function history() {
    if (undoButton) undoButton.disabled = !done.length;
    if (redoButton) redoButton.disabled = !undone.length;
  }

  function undo() {
    const edits = done.pop();
    if (edits) save(edits.map((e) => ({ m: e.m, d: e.d, from: e.to, to: e.from })), () => undone.push(edits));
    history();
  }

  function redo() {
    const edits = undone.pop();
    if (edits) save(edits, () => done.push(edits));
    history();
  }

  // ── Keyboard ──
  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  function pressed(event) {
    const { key } = event;
    const control = event.ctrlKey || event.metaKey;
    const letter = key.toLowerCase();
    if (control && letter === "z") return event.shiftKey ? redo() : undo();
    if (control && letter === "y") return redo();
    if (control && letter === "a") {
      anchor = { row: focus.row, day: 0 };
      focus = { row: focus.row, day: days - 1 };
      return draw();
    }
    if (control || event.altKey) return false;
    if (key in STEPS) return go(focus.row + STEPS[key][0], focus.day + STEPS[key][1], event.shiftKey);
    if (key === "Home") return go(focus.row, 0, event.shiftKey);
    if (key === "End") return go(focus.row, days - 1, event.shiftKey);
    if (key === "Delete" || key === "Backspace") return paint("");
    if (key === "Escape") return go(focus.row, focus.day, false);
    if (keys.has(letter)) return paint(keys.get(letter));
    if (letter === "t" && Number(table.dataset.today)) return go(focus.row, Number(table.dataset.today) - 1, false);
    return false;
  }

  table.addEventListener("keydown", (event) => {
    if (event.target.closest("tbody td") && pressed(event) !== false) event.preventDefault();
  });

  // ── Mouse ──
  function place(event) {
    const td = event.target.closest("tbody td:not(.k)");
    return td && { row: td.parentNode.sectionRowIndex, day: td.cellIndex - 1 };
  }

  table.addEventListener("mousedown", (event) => {
    const at = place(event);
    if (!at || event.button) return;
    event.preventDefault();
    dragging = true;
    go(at.row, at.day, event.shiftKey);
  });
  table.addEventListener("mouseover", (event) => {
    const at = dragging && place(event);
    if (at) go(at.row, at.day, true);
  });
  document.addEventListener("mouseup", () => (dragging = false));
  for (const brush of brushes) brush.addEventListener("click", () => paint(brush.dataset.brush));
  undoButton?.addEventListener("click", undo);
  redoButton?.addEventListener("click", redo);

  draw(false);
})();
