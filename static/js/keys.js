/* Single keys on every page: ? lists them, / goes to the search, i writes into the register, g and a number to a page of
   the menu, [ and ] back and forth. They can be switched off (WCAG 2.1.4), and never act while somebody types or the
   roster's grid has the focus. */
(() => {
  "use strict";
  const KEY = "bz-keys";
  const PATIENCE_MS = 1500;
  let waits = 0;

  function areOn() {
    try {
      return localStorage.getItem(KEY) !== "off";
    } catch {
      return true;
    }
  }

  function keep(on) {
    try {
      localStorage.setItem(KEY, on ? "on" : "off");
    } catch {
      // A browser that forbids storage keeps them on.
    }
  }

  function typing(target) {
    return target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], [role=grid]");
  }

  function press(link) {
    if (link) link.click();
    return Boolean(link);
  }

  const page = (number) => document.querySelectorAll(".bz-rail a:not(.bz-logo)")[number - 1];
  const acts = {
    "/": () => {
      const search = document.querySelector("main input[type=search]");
      search?.focus();
      return Boolean(search);
    },
    i: () => press(document.querySelector("[data-capture-open]")),
    "[": () => press(document.querySelector("main a[rel=prev]")),
    "]": () => press(document.querySelector("main a[rel=next]")),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const sheet = document.getElementById("keys");
    if (event.key === "?" && !typing(event.target)?.matches("input, textarea, select, [contenteditable]")) {
      // Always there: otherwise nobody would find the switch again.
      if (sheet?.open) sheet.close();
      else sheet?.showModal();
      return;
    }
    if (!areOn() || typing(event.target) || document.querySelector("dialog[open]")) return;
    const goes = Date.now() - waits < PATIENCE_MS && /^[1-9]$/.test(event.key);
    waits = event.key === "g" ? Date.now() : 0;
    if (goes ? press(page(Number(event.key))) : acts[event.key]?.()) event.preventDefault();
  });

  document.addEventListener("DOMContentLoaded", () => {
    for (const box of document.querySelectorAll("[data-keys-switch]")) {
      box.checked = areOn();
      box.addEventListener("change", () => keep(box.checked));
    }
  });
})();
