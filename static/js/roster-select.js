/* Selecting in the roster: one tab stop with a roving tabindex (WAI-ARIA grid), a rectangle from anchor to focus by
   keyboard, mouse and touch, and the handle at its corner that fills. Only cells that change are touched. */
(() => {
  "use strict";
  const roster = window.bzRoster;
  if (!roster?.isEditable || !roster.rows) return;
  const { table, words, cell } = roster;
  const body = table.tBodies[0];
  const shown = document.getElementById("roster-selection");
  const extender = document.querySelector("[data-extend]");
  const handle = document.createElement("span");
  handle.className = "bz-handle";
  handle.setAttribute("aria-hidden", "true");
  const PAGE = 10;

  let anchor = { row: 0, place: Math.max(0, Number(table.dataset.today) - 1) };
  let focus = { ...anchor };
  let dragging = false;
  let selected = new Set();
  let edges = [];
  let stop = null;

  function boxOf(one, two) {
    return {
      top: Math.min(one.row, two.row),
      bottom: Math.max(one.row, two.row),
      left: Math.min(one.place, two.place),
      right: Math.max(one.place, two.place),
    };
  }

  function* cellsOf({ top, bottom, left, right }) {
    for (let row = top; row <= bottom; row++) {
      for (let place = left; place <= right; place++) yield [row, place];
    }
  }

  const sizeOf = ({ top, bottom, left, right }) => (bottom - top + 1) * (right - left + 1);

  function draw(withFocus) {
    const box = boxOf(anchor, focus);
    const wanted = new Set();
    for (const [row, place] of cellsOf(box)) wanted.add(cell(row, place));
    for (const td of selected) {
      if (wanted.has(td)) continue;
      td.classList.remove("s");
      td.removeAttribute("aria-selected");
    }
    for (const td of wanted) {
      if (selected.has(td)) continue;
      td.classList.add("s");
      td.setAttribute("aria-selected", "true");
    }
    selected = wanted;
    drawEdges(box);
    cell(box.bottom, box.right).append(handle);
    const at = cell(focus.row, focus.place);
    if (stop !== at) stop?.removeAttribute("tabindex");
    stop = at;
    at.tabIndex = 0;
    if (withFocus) at.focus();
    const cells = sizeOf(box);
    shown.textContent = cells > 1 ? roster.fill(words.selected, { cells }) : "";
    for (const act of roster.moved) act(focus);
  }

  function drawEdges({ top, bottom, left, right }) {
    for (const td of edges) td.classList.remove("st", "sb", "sl", "sr");
    edges = [];
    const edge = (row, place, letter) => {
      const td = cell(row, place);
      td.classList.add(letter);
      edges.push(td);
    };
    for (let place = left; place <= right; place++) {
      edge(top, place, "st");
      edge(bottom, place, "sb");
    }
    for (let row = top; row <= bottom; row++) {
      edge(row, left, "sl");
      edge(row, right, "sr");
    }
  }

  const within = (value, most) => Math.max(0, Math.min(most - 1, value));

  function go(row, place, extend = false, withFocus = true) {
    focus = { row: within(row, roster.rows), place: within(place, roster.places) };
    if (!extend) anchor = { ...focus };
    draw(withFocus);
  }

  /* The last cell of the run of equal ones that begins beside the focus. */
  function runEnd(rowStep, placeStep) {
    let { row, place } = focus;
    const inside = (r, p) => r >= 0 && r < roster.rows && p >= 0 && p < roster.places;
    if (!inside(row + rowStep, place + placeStep)) return { row, place };
    [row, place] = [row + rowStep, place + placeStep];
    const code = roster.codeOf(row, place);
    while (inside(row + rowStep, place + placeStep) && roster.codeOf(row + rowStep, place + placeStep) === code) {
      [row, place] = [row + rowStep, place + placeStep];
    }
    return { row, place };
  }

  const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  /* Keys that move and select; false for all others. */
  function pressed(event) {
    const { key, shiftKey: extend } = event;
    const control = event.ctrlKey || event.metaKey;
    if (event.altKey) return false;
    if (key in STEPS) {
      const [rowStep, placeStep] = STEPS[key];
      const to = control ? runEnd(rowStep, placeStep) : { row: focus.row + rowStep, place: focus.place + placeStep };
      go(to.row, to.place, extend);
    } else if (control && key.toLowerCase() === "a") {
      anchor = { row: focus.row, place: 0 };
      focus = { row: focus.row, place: roster.places - 1 };
      draw(true);
    } else if (key === "Home") go(control ? 0 : focus.row, 0, extend);
    else if (key === "End") go(control ? roster.rows - 1 : focus.row, roster.places - 1, extend);
    else if (key === "PageUp") go(focus.row - PAGE, focus.place, extend);
    else if (key === "PageDown") go(focus.row + PAGE, focus.place, extend);
    else return false;
    return true;
  }

  // ── Mouse and touch ──
  function at(target) {
    const td = target?.closest?.("#roster tbody td:not(.k)");
    return td && { row: td.parentNode.sectionRowIndex, place: td.cellIndex - 1 };
  }

  table.addEventListener("mousedown", (event) => {
    const to = at(event.target);
    if (!to || event.button) return;
    event.preventDefault();
    if (event.target === handle) return;
    dragging = true;
    const extend = event.shiftKey || extender?.getAttribute("aria-pressed") === "true";
    extender?.setAttribute("aria-pressed", "false");
    go(to.row, to.place, extend);
  });
  body.addEventListener("mouseover", (event) => {
    const to = dragging && at(event.target);
    if (to && (to.row !== focus.row || to.place !== focus.place)) go(to.row, to.place, true);
  });
  document.addEventListener("mouseup", () => (dragging = false));
  extender?.addEventListener("click", () => {
    extender.setAttribute("aria-pressed", String(extender.getAttribute("aria-pressed") !== "true"));
  });

  // ── The handle ──
  let preview = [];
  let target = null;

  /* Where the fill reaches: along the longer of both ways out of the selection. */
  function reach(to) {
    const box = boxOf(anchor, focus);
    const down = Math.max(to.row - box.bottom, box.top - to.row, 0);
    const across = Math.max(to.place - box.right, box.left - to.place, 0);
    if (!down && !across) return null;
    if (across >= down) return { ...box, left: Math.min(box.left, to.place), right: Math.max(box.right, to.place) };
    return { ...box, top: Math.min(box.top, to.row), bottom: Math.max(box.bottom, to.row) };
  }

  function look(to) {
    for (const td of preview) td.classList.remove("f");
    target = to && reach(to);
    preview = target ? [...cellsOf(target)].map(([row, place]) => cell(row, place)).filter((td) => !selected.has(td)) : [];
    for (const td of preview) td.classList.add("f");
  }

  handle.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const to = at(document.elementFromPoint(event.clientX, event.clientY));
    if (to) look(to);
  });
  handle.addEventListener("pointerup", () => {
    const to = target;
    look(null);
    if (to) roster.fillTo(to);
  });
  handle.addEventListener("pointercancel", () => look(null));
  handle.addEventListener("dblclick", () => roster.fillToEnd());

  Object.assign(roster, {
    go,
    pressed,
    cellsOf,
    sizeOf,
    box: () => boxOf(anchor, focus),
    focus: () => focus,
    select(box) {
      anchor = { row: box.top, place: box.left };
      focus = { row: box.bottom, place: box.right };
      draw(true);
    },
    isInGrid: (element) => Boolean(element?.closest?.("#roster tbody td")),
  });
  draw(false);
})();
