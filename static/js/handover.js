/* The handover log keeps itself up to date. Its head asks every other second (htmx, templates/handover/_pulse.html) and
   names the version that is shown: 304 says that nothing is new. What is new is put into its place piece by piece; a card
   or form in which somebody is typing, has something open or has the focus is left alone, and says when it has changed.
   On the phone its three parts are tabs. */
(() => {
  "use strict";
  const KEPT = "article.bz-item, form[data-live-keep]";
  const pulse = () => document.getElementById("pulse");
  const isPulse = (event) => event.target === pulse();

  // ── Asking ──
  document.addEventListener("htmx:configRequest", (event) => {
    if (!isPulse(event)) return;
    const version = pulse().dataset.version;
    if (version) event.detail.headers["If-None-Match"] = `"${version}"`;
    event.detail.parameters.v = version;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    // Nobody looks at a page in the background: it asks again when it is looked at.
    if (isPulse(event) && document.hidden) event.preventDefault();
  });

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) ask();
  });

  function ask() {
    document.body.dispatchEvent(new CustomEvent("handover-changed", { detail: {} }));
  }

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isPulse(event)) return;
    event.detail.shouldSwap = false;
    const { xhr } = event.detail;
    lost(false);
    if (xhr.status === 200) queueMicrotask(() => show(xhr.responseText));
  });

  // The toast that says so once is enough for a press of a button; a question every other second says it in one place.
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, (event) => {
      if (!isPulse(event)) return;
      event.stopPropagation();
      lost(true);
    });
  }

  function lost(is) {
    const note = document.getElementById("pulse-lost");
    if (note) note.hidden = !is;
  }

  document.body.addEventListener("handover-changed", (event) => {
    if (event.detail?.says) window.banzu?.say(event.detail.says, "success");
  });

  // ── Showing ──
  function show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const log = document.getElementById("log");
    const head = fresh.getElementById("pulse");
    const body = fresh.getElementById("log");
    if (!head || !body || !log) return;
    pulse().dataset.version = head.dataset.version;
    document.getElementById("relay").replaceChildren(...fresh.getElementById("relay").childNodes);
    const kept = [...log.querySelectorAll(KEPT)].filter(inUse);
    for (const card of kept) tell(card, body);
    if (kept.length) merge(log, body, kept);
    else {
      const unfolded = [...log.querySelectorAll("details[id][open]")].map((part) => part.id);
      log.replaceChildren(...body.childNodes);
      for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
    }
    window.htmx.process(log);
    turn(log.dataset.tab);
  }

  function inUse(card) {
    return (
      card.contains(document.activeElement) ||
      card.querySelector("details.bz-ask[open], [aria-invalid=true]") !== null ||
      [...card.querySelectorAll("textarea, input:not([type=hidden])")].some(
        (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked,
      )
    );
  }

  // A card that stays although it has changed says so, once.
  function tell(card, body) {
    const now = body.querySelector(`#${card.id}`);
    if (now && now.dataset.stamp === card.dataset.stamp) return;
    if (!card.querySelector("[data-changed]")) {
      card.append(document.getElementById("card-changed").content.cloneNode(true));
    }
  }

  // Make `old` look like `fresh` without moving anything that is kept: a moved field loses the focus and what an input
  // method is composing.
  function merge(old, fresh, kept) {
    const holds = (node) => node.nodeType === Node.ELEMENT_NODE && kept.some((card) => node.contains(card));
    for (const node of [...old.childNodes]) if (!holds(node)) node.remove();
    const stays = [...old.childNodes];
    let next = stays[0] ?? null;
    for (const node of [...fresh.childNodes]) {
      const same = stays.find((one) => alike(one, node));
      if (!same) {
        if (node.nodeType === Node.ELEMENT_NODE) leaveOut(node, kept);
        if (!kept.some((card) => card.id === node.id)) old.insertBefore(node, next);
        continue;
      }
      stays.splice(stays.indexOf(same), 1);
      if (!kept.includes(same)) merge(same, node, kept);
      next = same.nextSibling;
    }
  }

  function alike(one, other) {
    if (other.nodeType !== Node.ELEMENT_NODE || one.tagName !== other.tagName) return false;
    return one.id || other.id ? one.id === other.id : one.className === other.className;
  }

  // What is kept elsewhere on the page does not stand there twice.
  function leaveOut(node, kept) {
    for (const card of kept) node.querySelector(`#${card.id}`)?.remove();
  }

  // ── Tabs of the phone: the style sheet hides the parts that are not chosen ──
  const tabs = () => [...document.querySelectorAll("#log [data-tab]")];
  const partOf = (tab) => tab.hash.slice(1);

  function turn(part) {
    const log = document.getElementById("log");
    const known = tabs().map(partOf);
    if (!log || !known.length) return;
    log.dataset.tab = known.includes(part) ? part : known[0];
    for (const tab of tabs()) {
      if (partOf(tab) === log.dataset.tab) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
  }

  // The part in which what the address names stands, or that has come back with mistakes.
  function turnTo(hash) {
    const named = hash ? document.getElementById(hash.slice(1)) : document.querySelector("#log [aria-invalid=true]");
    const parts = tabs().map(partOf);
    turn(named?.closest(parts.map((part) => `#${part}`).join(", "))?.id);
    if (hash) named?.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("click", (event) => {
    const tab = event.target.closest("#log a[data-tab]");
    if (!tab) return;
    event.preventDefault();
    turn(partOf(tab));
    history.replaceState(history.state, "", tab.hash);
  });

  // ── What is half written ──
  // Handing over and taking back load the page anew: a note that is not added yet would be lost with it.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("#hand-over, #take-back")) return;
    const notes = [...document.querySelectorAll("#log form:has([data-unsaved])")];
    for (const note of notes) note.querySelector("[data-unsaved]").hidden = true;
    const typed = notes.flatMap((note) => [...note.querySelectorAll("textarea")]).find((field) => field.value.trim());
    if (!typed) return;
    event.preventDefault();
    turn(typed.closest("#in, #mine, #accepted")?.id);
    typed.closest("details").open = true;
    const says = typed.form.querySelector("[data-unsaved]");
    typed.after(says);
    says.hidden = false;
    focusInMiddle(typed);
  });

  // A field near an edge would lie under what sticks there.
  function focusInMiddle(field) {
    field.focus({ preventScroll: true });
    field.scrollIntoView({ block: "center" });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("#log a[data-unfolds]");
    const field = link && document.getElementById(link.hash.slice(1));
    // frame.js unfolds it first.
    if (field) requestAnimationFrame(() => focusInMiddle(field));
  });

  window.addEventListener("hashchange", () => turnTo(location.hash));
  if (document.getElementById("log")) turnTo(location.hash);

  document.addEventListener("click", (event) => {
    const card = event.target.closest("[data-show]")?.closest(KEPT);
    if (!card) return;
    for (const form of card.matches("form") ? [card] : card.querySelectorAll("form")) form.reset();
    for (const part of card.querySelectorAll("details[open]")) part.open = false;
    document.activeElement?.blur();
    pulse().dataset.version = "";
    ask();
  });
})();
