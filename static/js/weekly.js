/* The weekly summary as it is written: counted while one types, saved after a pause, kept in this browser while the
   connection is lost. Counted as handover/weekly.py counts: what cannot be seen does not count. */
(() => {
  "use strict";
  const { read, write } = window.banzuKept;
  for (const done of document.querySelectorAll("[data-weekly-done]")) {
    write(`bz-weekly-${done.dataset.weeklyDone}`, null);
  }
  const form = document.getElementById("weekly");
  if (!form) return;
  const PAUSE_MS = 3000;
  const AGAIN_MS = 15000;
  const area = form.elements.text;
  const count = form.querySelector("[data-count]");
  const saved = document.getElementById("weekly-saved");
  const key = `bz-weekly-${form.dataset.weekly}`;
  let timer = 0;
  let sent = area.value;

  const characters = (text) => [...text.replace(/[\p{Z}\p{Cc}\p{Cf}]/gu, "")].length;

  function show() {
    const written = characters(area.value);
    count.textContent = written;
    count.classList.toggle("is-enough", written >= Number(form.dataset.least));
  }

  // ── Kept in the browser until the server has it ──
  const keep = (text) => write(key, text);
  const kept = () => read(key);

  function save(pause) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (area.value === sent && kept() === null) return;
      sent = area.value;
      window.htmx?.trigger(saved, "weekly-save");
    }, pause);
  }

  area.addEventListener("input", () => {
    show();
    keep(area.value);
    save(PAUSE_MS);
  });
  area.addEventListener("blur", () => save(0));
  window.addEventListener("online", () => save(0));

  saved.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) return;
    if (area.value === sent) keep(null);
    else save(PAUSE_MS);
  });
  for (const lost of ["htmx:sendError", "htmx:timeout"]) {
    saved.addEventListener(lost, (event) => {
      // Said beside the text, where it stays, and not in a toast every few seconds.
      event.stopPropagation();
      saved.textContent = form.dataset.offline;
      save(AGAIN_MS);
    });
  }

  const earlier = kept();
  if (earlier !== null && earlier !== area.value && !area.closest(".is-wrong")) {
    area.value = earlier;
    saved.textContent = form.dataset.restored;
    save(0);
  }
  show();
})();
