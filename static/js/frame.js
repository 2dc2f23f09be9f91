/* What every page does: light or dark, menus, dialogs, toasts, the keyboard sheet, and what to say when htmx fails.
   Loaded in the head without `defer`, because light or dark must be known before the first paint. */
(() => {
  "use strict";
  const root = document.documentElement;
  const KEY = "bz-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  const READ_MS = 8000;

  // A browser that forbids storage throws on access: then the system decides.
  function chosenTheme() {
    try {
      return localStorage.getItem(KEY) || "auto";
    } catch {
      return "auto";
    }
  }

  function keepTheme(theme) {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      root.dataset.bzTheme = theme;
    }
  }

  function paint(theme = chosenTheme()) {
    root.dataset.bsTheme = theme === "auto" ? (system.matches ? "dark" : "light") : theme;
    for (const button of document.querySelectorAll("[data-theme]")) {
      button.setAttribute("aria-pressed", String(button.dataset.theme === theme));
      button.classList.toggle("is-on", button.dataset.theme === theme);
    }
  }

  paint();
  system.addEventListener("change", () => paint());

  // ── Toasts ──
  function closeLater(toast) {
    if (toast.matches(".is-error, .is-warning")) return;
    let timer = 0;
    const start = () => (timer = setTimeout(() => toast.remove(), READ_MS));
    const stop = () => clearTimeout(timer);
    for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, stop);
    for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, start);
    start();
  }

  function say(text, tone = "error") {
    const box = document.getElementById("bz-toasts");
    if (!box || !text) return;
    const toast = document.createElement("div");
    toast.className = `bz-toast is-${tone}`;
    if (tone === "error") toast.setAttribute("role", "alert");
    const words = document.createElement("span");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "bz-btn";
    close.dataset.closeToast = "";
    close.textContent = box.dataset.close;
    toast.append(words, close);
    box.append(toast);
    closeLater(toast);
  }

  // ── Menus and dialogs ──
  function closeMenus(except) {
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (menu !== except) menu.open = false;
    }
  }

  function open(dialog) {
    if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    closeMenus(target.closest("details[data-menu]"));
    const button = target.closest("[data-theme], [data-opens], [data-closes], [data-close-toast], [data-fill-login]");
    if (target instanceof HTMLDialogElement && target.matches(".bz-dialog")) target.close();
    if (!button) return;
    const data = button.dataset;
    if ("theme" in data) {
      keepTheme(data.theme);
      paint(data.theme);
    } else if ("opens" in data) {
      open(document.getElementById(data.opens));
    } else if ("closes" in data) {
      button.closest("dialog")?.close();
    } else if ("closeToast" in data) {
      button.closest(".bz-toast").remove();
    } else if ("fillLogin" in data) {
      const form = document.getElementById("login");
      form.elements.login.value = data.fillLogin;
      form.elements.password.value = data.fillPassword;
      form.querySelector("[type=submit]").focus();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.querySelector("details[data-menu][open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
  });

  // ── htmx ──
  // A session that has ended answers with the sign-in page: go there instead of putting it into a corner of this one.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const login = document.body.dataset.login;
    const answered = event.detail.xhr.responseURL;
    if (login && answered && new URL(answered).pathname === login) {
      event.detail.shouldSwap = false;
      location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
    }
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    for (const toast of document.querySelectorAll("#bz-toasts .bz-toast:not([data-seen])")) watch(toast);
    if (event.detail.xhr?.status === 422) firstWrong(event.detail.elt)?.focus();
  });

  document.addEventListener("htmx:responseError", (event) => {
    const texts = document.getElementById("bz-toasts")?.dataset ?? {};
    const status = event.detail.xhr.status;
    say(status === 403 ? texts.refused : status === 404 || status === 410 ? texts.gone : texts.failed);
  });

  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => say(document.getElementById("bz-toasts")?.dataset.offline));
  }

  function watch(toast) {
    toast.dataset.seen = "";
    closeLater(toast);
  }

  function firstWrong(within) {
    return within.querySelector("[aria-invalid=true], .bz-note.is-bad[tabindex]");
  }

  // ── Lists: a filter that answers at once, paper ──
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-filter] select")) event.target.form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // A link to a field opens what that stands folded in; not every browser does so by itself.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-unfolds]");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    field.closest("details").open = true;
    field.focus();
  });

  document.addEventListener("DOMContentLoaded", () => {
    paint();
    for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
    for (const filter of document.querySelectorAll("[data-filter]")) filter.dataset.live = "";
    if (document.querySelector("[data-print-now]")) window.addEventListener("load", () => window.print());
    for (const element of document.querySelectorAll("[data-theme-switch], [data-fill-login]")) element.hidden = false;
    document.querySelectorAll("#bz-toasts .bz-toast").forEach(watch);
    // On a narrow screen a line of choices scrolls sideways: the one that is open stands in its middle.
    for (const here of document.querySelectorAll(":is(.bz-rooms, .bz-chips, .bz-metrics) > [aria-current]")) {
      const [line, box] = [here.parentElement, here.getBoundingClientRect()];
      const off = box.left + box.width / 2 - line.getBoundingClientRect().left - line.clientWidth / 2;
      line.scrollLeft += off;
    }
    // A chart that is wider than the screen begins with its newest day.
    for (const newest of document.querySelectorAll("[data-newest]")) {
      const box = newest.closest(".bz-scroll");
      box.scrollLeft += newest.getBoundingClientRect().right - box.getBoundingClientRect().right + box.clientWidth / 8;
    }
    // A dialog whose form came back with errors stands open again.
    const wrong = firstWrong(document);
    open(wrong?.closest("dialog"));
    wrong?.focus();
  });

  window.banzu = { say };
})();
