/* Copy, cut and paste as tab-separated text, in the grid and to and from a spreadsheet; and filling a pattern. */
(() => {
  "use strict";
  const roster = window.bzRoster;
  if (!roster?.isEditable || !roster.rows) return;
  const { words } = roster;
  const NAMED = 5;

  // ── Out ──
  function textOf({ top, bottom, left, right }) {
    const lines = [];
    for (let row = top; row <= bottom; row++) {
      const line = [];
      for (let place = left; place <= right; place++) line.push(roster.textIn(roster.cell(row, place)));
      lines.push(line.join("\t"));
    }
    return lines.join("\n");
  }

  function copy(event) {
    if (!roster.isInGrid(document.activeElement)) return false;
    const box = roster.box();
    event.clipboardData.setData("text/plain", textOf(box));
    event.preventDefault();
    roster.say(roster.fill(words.copied, { cells: roster.sizeOf(box) }));
    return box;
  }

  document.addEventListener("copy", copy);
  document.addEventListener("cut", (event) => {
    const box = copy(event);
    if (box) roster.change([...roster.cellsOf(box)].map(([row, place]) => [row, place, ""]));
  });

  // ── In ──
  /* Lines of cells, as spreadsheets write them: a cell with a tab, a line break or a quote in it stands in quotes. */
  function linesOf(text) {
    const lines = [];
    for (const row of text.replace(/\r\n?/g, "\n").replace(/\n$/, "").match(/(?:"(?:[^"]|"")*"|[^\n])*(?:\n|$)/g) ?? []) {
      lines.push(row.replace(/\n$/, "").split("\t").map(unquoted));
    }
    // The expression also finds the nothing after the last line.
    if (lines.length > 1 && lines.at(-1).join("") === "" && !text.endsWith("\n\n")) lines.pop();
    return lines;
  }

  const unquoted = (text) => (/^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text);

  function cellsIn(text) {
    let count = 1;
    for (let index = 0; index < text.length; index++) {
      const sign = text.charCodeAt(index);
      if (sign === 9 || (sign === 10 && index < text.length - 1)) count += 1;
    }
    return count;
  }

  function paste(event) {
    if (!roster.isInGrid(document.activeElement)) return;
    event.preventDefault();
    const text = event.clipboardData.getData("text/plain");
    if (!text) return roster.warn(words.nottext);
    const cells = cellsIn(text);
    const { most } = roster.editor;
    if (cells > most) return roster.warn(roster.fill(words.toomany, { cells, most }));
    put(linesOf(text));
  }

  function put(lines) {
    const box = roster.box();
    const width = Math.max(...lines.map((line) => line.length));
    const tall = box.bottom - box.top + 1;
    const wide = box.right - box.left + 1;
    // A selection that holds the text several times is filled with it, as in a spreadsheet.
    const repeats = tall % lines.length === 0 && wide % width === 0;
    const bottom = repeats ? box.bottom : box.top + lines.length - 1;
    const right = repeats ? box.right : box.left + width - 1;
    const target = {
      ...box,
      bottom: Math.min(bottom, roster.rows - 1),
      right: Math.min(right, roster.places - 1),
    };
    const cells = [];
    const unknown = [];
    for (const [row, place] of roster.cellsOf(target)) {
      const text = lines[(row - box.top) % lines.length][(place - box.left) % width] ?? "";
      const code = roster.meaning(place, text);
      if (code === undefined) unknown.push({ name: roster.nameOf(row), day: roster.dayOf(place), text: text.trim().slice(0, 12) });
      else cells.push([row, place, code]);
    }
    if (unknown.length) return refuse(unknown);
    const left = roster.change(cells);
    roster.select(target);
    const notes = [];
    if (bottom > target.bottom || right > target.right) notes.push(words.cut);
    if (left) notes.push(words.kept);
    if (notes.length) roster.warn(notes.join(" "));
  }

  function refuse(unknown) {
    const named = unknown.slice(0, NAMED).map((one) => roster.fill(words.unknowncell, one));
    if (unknown.length > NAMED) named.push(roster.fill(words.others, { cells: unknown.length - NAMED }));
    roster.warn(roster.fill(words.unknown, { cells: named.join("; ") }));
  }

  document.addEventListener("paste", paste);

  // ── Filling ──
  const turn = (value, length) => ((value % length) + length) % length;

  /* Repeat the selection as a pattern over `target`, which reaches beyond it on one side. */
  function fillTo(target) {
    const box = roster.box();
    const [tall, wide] = [box.bottom - box.top + 1, box.right - box.left + 1];
    const cells = [];
    for (const [row, place] of roster.cellsOf(target)) {
      const inside = row >= box.top && row <= box.bottom && place >= box.left && place <= box.right;
      if (inside) continue;
      const from = [box.top + turn(row - box.top, tall), box.left + turn(place - box.left, wide)];
      cells.push([row, place, roster.codeOf(...from)]);
    }
    const left = roster.change(cells);
    roster.select(target);
    if (left) roster.warn(words.kept);
  }

  function fillToEnd() {
    const box = roster.box();
    if (box.right < roster.places - 1) fillTo({ ...box, right: roster.places - 1 });
  }

  document.querySelector("[data-repeat]")?.addEventListener("click", fillToEnd);
  Object.assign(roster, { fillTo, fillToEnd });
})();
