/* The roster's table as data: who stands in which row, which day in which column, what a cell holds and how a code looks.
   Rows and places are counted from 0; a place is a column of the page, of a month or of a week. The other roster-*.js
   hang on `window.bzRoster`, in the order in which the page loads them. */
(() => {
  "use strict";
  const table = document.getElementById("roster");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.querySelectorAll("th[data-d]")];
  const places = new Map(heads.flatMap((th, place) => (th.classList.contains("a") ? [] : [[Number(th.dataset.d), place]])));
  const indexes = new Map(rows.map((row, index) => [Number(row.dataset.m), index]));
  const editor = JSON.parse(document.getElementById("roster-editor")?.textContent ?? '{"books": []}');
  const words = document.getElementById("roster-words")?.dataset ?? {};
  const says = document.getElementById("roster-says");
  const LETTERS = ["d", "n", "r", "l", "x"];
  // What the scripts put on a cell; everything else comes from the server.
  const OWN = ["s", "st", "sb", "sl", "sr", "f", "v", "q", "o"];

  for (const book of editor.books) {
    book.codes = new Map(Object.entries(book.looks).map(([code, look]) => [look[0], code]));
  }

  const bookAt = (place) => editor.books.findLast((book) => book.from <= place) ?? { looks: {}, texts: {}, codes: new Map() };
  const cell = (row, place) => rows[row]?.cells[place + 1];
  const textIn = (td) => (td.firstChild?.nodeType === Node.TEXT_NODE ? td.firstChild.data.trim() : "");

  function codeIn(td, place) {
    const text = textIn(td);
    return bookAt(place).codes.get(text) ?? text;
  }

  /* What stands in a cell, without what the scripts hang into it. */
  function write(td, nodes) {
    for (const node of [...td.childNodes]) {
      if (node.nodeType === Node.TEXT_NODE || node.localName === "small") node.remove();
    }
    td.prepend(...nodes);
  }

  const roster = {
    table,
    editor,
    words,
    rows: rows.length,
    places: heads.length,
    isEditable: Boolean(table.dataset.cells),
    moved: [],
    saved: [],
    cell,
    textIn,
    member: (row) => Number(rows[row].dataset.m),
    nameOf: (row) => rows[row].cells[0].lastChild.textContent,
    rowOf: (pk) => indexes.get(Number(pk)) ?? -1,
    dayOf: (place) => Number(heads[place].dataset.d),
    placeOf: (day) => places.get(Number(day)) ?? -1,
    titleOf: (place) => heads[place].title,
    versions: (row) => rows[row].dataset.v.split(",").map(Number),
    codeOf: (row, place) => codeIn(cell(row, place), place),
    /* Whether a cell cannot be edited here: past and published, of another month, or not of this membership. */
    isFixed: (row, place) => ["p", "a"].some((letter) => cell(row, place).classList.contains(letter)),
    isPast: (row, place) => cell(row, place).classList.contains("p"),
    markOf: (place, code) => bookAt(place).looks[code]?.[0] ?? code,
    wordOf: (place, code) => bookAt(place).looks[code]?.[2] ?? (code || words.empty),
    /* The code that a text means on that day: "" for nothing, undefined when nobody knows it. */
    meaning(place, text) {
      const plain = text.trim().toLowerCase();
      return plain ? bookAt(place).texts[plain] : "";
    },
    /* Show a code at once, before the server has answered. */
    put(row, place, code) {
      const td = cell(row, place);
      const [mark, letter, , note] = bookAt(place).looks[code] ?? [code, "", "", ""];
      td.classList.remove(...LETTERS);
      if (letter) td.classList.add(letter);
      const nodes = mark ? [document.createTextNode(mark)] : [];
      if (mark && editor.wide) {
        const small = document.createElement("small");
        small.textContent = note;
        nodes.push(small);
      }
      write(td, nodes);
    },
    /* Take over a line as the server made it; focus, selection and marks of the scripts stay where they are. */
    take(pk, html) {
      const holder = document.createElement("tbody");
      holder.innerHTML = html;
      const [fresh, row] = [holder.rows[0], rows[roster.rowOf(pk)]];
      if (!fresh || !row) return;
      row.dataset.v = fresh.dataset.v;
      for (const [index, td] of [...fresh.cells].entries()) {
        const old = row.cells[index];
        if (!index) continue;
        const kept = OWN.filter((letter) => old.classList.contains(letter));
        const classes = [...td.classList, ...kept].join(" ");
        if (old.className !== classes) old.className = classes;
        if (textIn(old) !== textIn(td)) write(old, [...td.childNodes]);
      }
    },
    say(text) {
      if (says) says.textContent = text;
    },
    /* Something went wrong, or not as wanted: said aloud, and to be read above the grid until the next one. */
    warn(text, buttons = []) {
      roster.say(text);
      roster.hush();
      const note = document.createElement("div");
      note.id = "roster-note";
      note.className = "bz-note is-warn bz-bar2";
      note.setAttribute("role", "alert");
      const words = document.createElement("span");
      words.textContent = text;
      note.append(words);
      if (buttons.length) {
        const group = document.createElement("span");
        group.className = "bz-push bz-group";
        group.append(...buttons.map(([label, act]) => roster.button(label, act)));
        note.append(group);
      }
      document.getElementById("roster-bar").after(note);
    },
    hush() {
      document.getElementById("roster-note")?.remove();
    },
    button(label, act) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "bz-btn";
      button.textContent = label;
      button.addEventListener("click", act);
      return button;
    },
    /* "%(name)s …" with its values. */
    fill: (text, values) => text.replace(/%\((\w+)\)s/g, (all, name) => values[name] ?? all),
  };
  window.bzRoster = roster;
})();
