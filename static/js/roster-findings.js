/* What is wrong with the plan: fetched after loading and after each save, outlined in the grid, told on focus, and
   jumped through with ] and [. Whoever only looks at a locked month has the same, without the keys. */
(() => {
  "use strict";
  const roster = window.bzRoster;
  const panel = document.getElementById("roster-panel");
  if (!roster) return;
  const { words, cell } = roster;
  const reason = document.getElementById("roster-reason");
  const WAIT_MS = 250;
  const LETTER = { block: "v", warn: "q" };
  const found = new Map();
  /* Days with too few people: no cell is to blame, so none is outlined; they are told where they are jumped to. */
  const gaps = new Map();
  let timer = 0;
  let asking = null;

  // ── Fetching ──
  function ask() {
    clearTimeout(timer);
    timer = setTimeout(fetchAll, WAIT_MS);
  }

  async function fetchAll() {
    asking?.abort();
    const mine = (asking = new AbortController());
    try {
      const response = await fetch(panel.dataset.checks, { headers: { Accept: "application/json" }, signal: mine.signal });
      if (!response.ok) throw new Error(response.statusText);
      show(await response.json());
    } catch (error) {
      if (error.name !== "AbortError") roster.say(words.checksfailed);
    }
  }

  function show(answer) {
    for (const { row, place } of found.values()) clear(row, place);
    found.clear();
    for (const [member, day, severity, text] of answer.cells) {
      const [row, place] = [roster.rowOf(member), roster.placeOf(day)];
      if (row < 0 || place < 0) continue;
      const key = `${row}:${place}`;
      const one = found.get(key) ?? { row, place, severity, texts: [] };
      if (severity === "block") one.severity = severity;
      one.texts.push(text);
      found.set(key, one);
    }
    for (const one of found.values()) outline(one);
    gaps.clear();
    for (const [member, day, text] of answer.gaps ?? []) {
      const [row, place] = [roster.rowOf(member), roster.placeOf(day)];
      if (row < 0 || place < 0) continue;
      const one = gaps.get(`${row}:${place}`) ?? { row, place, texts: [] };
      one.texts.push(text);
      gaps.set(`${row}:${place}`, one);
    }
    panel.innerHTML = answer.html;
    window.htmx?.process(panel);
    focusChanged();
  }

  function clear(row, place) {
    const td = cell(row, place);
    td.classList.remove("v", "q");
    td.querySelector("b")?.remove();
    if (!td.classList.contains("o")) td.removeAttribute("title");
  }

  function outline({ row, place, severity, texts }) {
    const td = cell(row, place);
    td.classList.add(LETTER[severity] ?? "q");
    const sign = document.createElement("b");
    sign.setAttribute("aria-hidden", "true");
    sign.textContent = severity === "block" ? "!" : "?";
    td.append(sign);
    if (!td.classList.contains("o")) td.title = texts.join(" ");
  }

  // ── The reason, in the line under the grid ──
  function focusChanged() {
    if (!roster.focus || !reason) return;
    const at = roster.focus();
    const collision = roster.collisionAt?.(at);
    reason.replaceChildren();
    if (collision) {
      const group = document.createElement("span");
      group.className = "bz-group";
      group.append(
        roster.button(words.mine, () => roster.mine([collision])),
        roster.button(words.theirs, () => roster.theirs([collision])),
      );
      reason.append(`${roster.collisionText(collision)} ${words.minekey} `, group);
      return;
    }
    const texts = [found, gaps].flatMap((those) => those.get(`${at.row}:${at.place}`)?.texts ?? []);
    reason.textContent = [roster.titleOf(at.place), ...texts].filter(Boolean).join(" · ");
  }

  // ── Jumping ──
  /* In reading order: agent by agent, day by day; gaps in coverage and collisions are findings too. */
  function ordered() {
    const all = new Map([...gaps, ...found, ...(roster.collisions ?? [])]);
    return [...all.values()].sort((one, two) => one.row - two.row || one.place - two.place);
  }

  function jump(step) {
    const all = ordered();
    if (!all.length) return roster.say(words.nofindings);
    const { row, place } = roster.focus();
    const after = (one) => one.row - row || one.place - place;
    const next = step > 0 ? all.find((one) => after(one) > 0) : all.findLast((one) => after(one) < 0);
    const to = next ?? (step > 0 ? all[0] : all.at(-1));
    roster.go(to.row, to.place);
  }

  function jumpTo(member, day) {
    const [row, place] = [roster.rowOf(member), roster.placeOf(day)];
    if (row < 0 || place < 0) return elsewhere(member, day);
    if (roster.go) return roster.go(row, place);
    cell(row, place).scrollIntoView({ block: "center", inline: "center" });
  }

  /* In the month, when the page shows another week of it. */
  function elsewhere(member, day) {
    const month = panel?.dataset.month;
    if (month) location.assign(`${month}#m${member}d${day}`);
  }

  panel?.addEventListener("click", (event) => {
    const item = event.target.closest(".bz-finding[data-m][data-d]");
    if (item) jumpTo(item.dataset.m, item.dataset.d);
  });

  Object.assign(roster, { focusChanged, jump });
  roster.moved.push(focusChanged);
  const wanted = /^#m(\d+)d(\d+)$/.exec(location.hash);
  if (wanted) jumpTo(wanted[1], wanted[2]);
  if (panel) {
    roster.saved.push(ask);
    fetchAll();
  }
})();
