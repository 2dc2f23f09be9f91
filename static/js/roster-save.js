/* Saving what was painted: one request a paint or paste, one after the other; undo and redo; and what collides with
   somebody else's edit. Every edit names the version of the cell that it saw. */
(() => {
  "use strict";
  const roster = window.bzRoster;
  if (!roster?.isEditable || !roster.rows) return;
  const { table, words, cell } = roster;
  const shown = document.getElementById("roster-selection");
  const undoButton = document.querySelector("[data-undo]");
  const redoButton = document.querySelector("[data-redo]");
  const FEW = 3;
  const done = [];
  const undone = [];
  // Batches that are shown and not yet answered, the first of them on its way.
  const pending = [];
  const collisions = new Map();
  let queue = Promise.resolve();

  const keyOf = (edit) => `${edit.row}:${edit.place}`;

  /* Set cells: [[row, place, code], …]. Says what was left out: "locked", "elsewhere", or "" when all of it can be. */
  function change(cells) {
    const edits = [];
    let left = "";
    for (const [row, place, to] of cells) {
      const from = roster.codeOf(row, place);
      if (roster.isFixed(row, place)) left = roster.isPast(row, place) ? "locked" : left || "elsewhere";
      else if (from !== to) edits.push({ row, place, from, to });
    }
    if (!edits.length) {
      if (left) roster.warn(words[left]);
      return left;
    }
    undone.length = 0;
    done.push(edits);
    save(edits, { failed: () => drop(done, edits) });
    return left;
  }

  function drop(list, batch) {
    const index = list.indexOf(batch);
    if (index >= 0) list.splice(index, 1);
  }

  function save(edits, { failed, from = edits }) {
    pending.push(edits);
    if (!collisions.size) roster.hush();
    let settles = false;
    for (const edit of edits) {
      settles = forget(edit) || settles;
      roster.put(edit.row, edit.place, edit.to);
      cell(edit.row, edit.place).setAttribute("aria-busy", "true");
    }
    if (settles) told();
    history();
    // One after the other: a second edit must see the versions that the first one made.
    queue = queue.then(() => send(edits)).then(
      (answer) => answered(edits, from, answer),
      (error) => {
        takeBack(edits);
        failed();
        roster.warn(error instanceof Refusal ? error.message : words.offline);
      },
    ).finally(() => {
      drop(pending, edits);
      history();
    });
  }

  class Refusal extends Error {}

  async function send(edits) {
    const versions = new Map();
    const rows = edits.map((edit) => {
      if (!versions.has(edit.row)) versions.set(edit.row, roster.versions(edit.row));
      return [roster.member(edit.row), roster.dayOf(edit.place), edit.to, versions.get(edit.row)[edit.place]];
    });
    shown.textContent = words.saving;
    const response = await fetch(table.dataset.cells, {
      method: "POST",
      headers: { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] },
      body: new URLSearchParams({ edits: JSON.stringify(rows) }),
    });
    // Signed out meanwhile: the page asks for the sign-in.
    if (response.redirected) location.reload();
    const answer = await response.json();
    if (answer.error) throw new Refusal(answer.error);
    return answer;
  }

  function calm(edits) {
    shown.textContent = "";
    for (const edit of edits) cell(edit.row, edit.place).removeAttribute("aria-busy");
  }

  function takeBack(edits) {
    calm(edits);
    for (const edit of edits) roster.put(edit.row, edit.place, edit.from);
    again(edits);
  }

  /* Later edits that wait stay in sight, whatever the server says about earlier ones. */
  function again(but) {
    for (const batch of pending) {
      if (batch !== but) for (const edit of batch) roster.put(edit.row, edit.place, edit.to);
    }
  }

  function answered(edits, batch, answer) {
    calm(edits);
    for (const [pk, html] of Object.entries(answer.rows)) roster.take(pk, html);
    again(edits);
    document.getElementById("roster-foot").innerHTML = answer.foot;
    document.getElementById("roster-bar").innerHTML = answer.bar;
    document.getElementById("roster-open").innerHTML = answer.open;
    for (const act of roster.saved) act(answer);
    refresh(answer);
    const lost = answer.conflicts.map((c) => `${roster.rowOf(c.m)}:${roster.placeOf(c.d)}`);
    // What was not saved is nothing to take back.
    batch.splice(0, batch.length, ...batch.filter((edit) => !lost.includes(keyOf(edit))));
    if (!batch.length) {
      drop(done, batch);
      drop(undone, batch);
    }
    if (answer.conflicts.length) return collided(answer.conflicts);
    const last = edits[edits.length - 1];
    const one = `${roster.nameOf(last.row)} ${roster.dayOf(last.place)} ${roster.wordOf(last.place, last.to)}`;
    const what = edits.length > 1 ? roster.fill(words.several, { cells: edits.length }) : one;
    roster.say(roster.fill(words.saved, { what }));
  }

  // ── Collisions: theirs stands big, yours small and struck ──
  function collided(conflicts) {
    for (const { m, d, theirs, yours, name } of conflicts) {
      const edit = { row: roster.rowOf(m), place: roster.placeOf(d), theirs, yours, name };
      if (edit.row >= 0 && edit.place >= 0) collisions.set(keyOf(edit), edit);
    }
    for (const edit of collisions.values()) mark(edit);
    told();
    roster.focusChanged?.();
  }

  /* What has collided and is not settled yet, above the grid. */
  function told() {
    if (!collisions.size) return roster.hush();
    const few = [...collisions.values()].slice(0, FEW).map(textOf);
    if (collisions.size > FEW) few.push(roster.fill(words.others, { cells: collisions.size - FEW }));
    roster.warn([...few, words.elsesaved].join(" "), [
      [words.allmine, () => mine([...collisions.values()])],
      [words.alltheirs, () => theirs([...collisions.values()])],
    ]);
  }

  const textOf = (edit) =>
    roster.fill(words.collided, {
      name: edit.name,
      day: roster.dayOf(edit.place),
      theirs: roster.wordOf(edit.place, edit.theirs),
      yours: roster.wordOf(edit.place, edit.yours),
    });

  function mark(edit) {
    const td = cell(edit.row, edit.place);
    td.classList.add("o");
    td.querySelector("s")?.remove();
    const struck = document.createElement("s");
    struck.textContent = roster.markOf(edit.place, edit.yours) || "∅";
    td.append(struck);
    td.title = textOf(edit);
  }

  function forget(edit) {
    if (!collisions.delete(keyOf(edit))) return false;
    const td = cell(edit.row, edit.place);
    td.classList.remove("o");
    td.querySelector("s")?.remove();
    td.removeAttribute("title");
    return true;
  }

  /* Lines that came anew may say that a collision is over, or that theirs is another by now. */
  function refresh(answer) {
    let isOther = false;
    for (const edit of [...collisions.values()]) {
      if (!(roster.member(edit.row) in answer.rows)) continue;
      const now = roster.codeOf(edit.row, edit.place);
      if (now === edit.theirs) continue;
      if (now === edit.yours) forget(edit);
      else mark(Object.assign(edit, { theirs: now }));
      isOther = true;
    }
    if (isOther) told();
  }

  function mine(edits) {
    const cells = edits.map((edit) => [edit.row, edit.place, edit.yours]);
    for (const edit of edits) forget(edit);
    told();
    change(cells);
    settled();
  }

  function theirs(edits) {
    for (const edit of edits) forget(edit);
    told();
    settled();
  }

  function settled() {
    const { row, place } = roster.focus();
    roster.go(row, place, true);
  }

  // ── Back and forth ──
  function history() {
    if (undoButton) undoButton.disabled = !done.length;
    if (redoButton) redoButton.disabled = !undone.length;
  }

  function replay(from, to, turned) {
    const batch = from.pop();
    if (!batch) return;
    // What somebody else has changed since is theirs now.
    const still = batch.filter((edit) => roster.codeOf(edit.row, edit.place) === (turned ? edit.to : edit.from));
    const lost = batch.length - still.length;
    if (still.length) {
      batch.splice(0, batch.length, ...still);
      to.push(batch);
      const edits = turned ? batch.map((edit) => ({ ...edit, from: edit.to, to: edit.from })) : [...batch];
      save(edits, { from: batch, failed: () => (drop(to, batch), from.push(batch)) });
    }
    if (lost) roster.warn(words.undone);
    history();
  }

  const undo = () => replay(done, undone, true);
  const redo = () => replay(undone, done, false);
  undoButton?.addEventListener("click", undo);
  redoButton?.addEventListener("click", redo);

  /* The collision in a cell, if there is one. */
  const collisionAt = ({ row, place }) => collisions.get(`${row}:${place}`);
  Object.assign(roster, { change, undo, redo, collisionAt, collisionText: textOf, mine, theirs, collisions });
})();
