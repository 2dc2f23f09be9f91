/* A new item of the handover log. What is typed is kept on the device, by person and department, until the server has
   answered that it is written; without a connection it is not sent, and the page says so. The token makes a repeat
   harmless. Without this script the form is sent as any other. */
(() => {
  "use strict";
  const form = document.getElementById("item-form");
  if (!form) return;
  const { read, write } = window.banzuKept;
  const FIELDS = ["to_do", "kind", "customer", "due_at", "known", "fallback", "meant_for", "token"];
  const TEXTS = ["to_do", "customer", "known", "fallback"];
  const PATIENCE_MS = 20000;
  const key = form.dataset.keptUnder;
  const fields = form.elements;
  const codes = (name) => form.dataset[name].split(" ");
  let sending = false;

  // ── Kept until it is written ──
  function keep() {
    const now = Object.fromEntries(FIELDS.map((name) => [name, fields[name].value]));
    write(key, TEXTS.some((name) => now[name].trim()) ? now : null);
  }

  function restore() {
    const kept = read(key);
    if (!kept || "refused" in form.dataset) return;
    // Whoever comes from a customer's page writes about that customer.
    const asked = fields.customer.value;
    for (const name of FIELDS) {
      if (name === "meant_for" && ![...fields[name].options].some((one) => one.value === kept[name])) continue;
      fields[name].value = kept[name] ?? "";
    }
    if (asked) fields.customer.value = asked;
    if (kept.fallback || kept.meant_for) form.querySelector("details").open = true;
    say(form.dataset.draft, "is-info", true);
  }

  function say(text, tone = "is-warn", isDraft = false) {
    const note = form.querySelector("[data-says]");
    // What a press brings about stands beside the button.
    if (!isDraft) form.querySelector(".bz-actions").before(note);
    note.hidden = false;
    note.className = `bz-note is-wide ${tone}`;
    note.querySelector("span").textContent = text;
    note.querySelector("[data-forget]").hidden = !isDraft;
    note.scrollIntoView({ block: "nearest" });
  }

  // ── Sending ──
  async function send(again) {
    sending = true;
    form.setAttribute("aria-busy", "true");
    const body = new FormData(form);
    if (again) body.set("again", "1");
    try {
      const answer = await fetch(form.action || location.href, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (answer.status === 201) {
        write(key, null);
        location.assign((await answer.json()).onward);
      } else if (answer.redirected && new URL(answer.url).pathname === document.body.dataset.login) {
        say(form.dataset.signedOut, "is-bad");
      } else if (answer.status === 422) {
        // Sent once more as any other form, so that the page says what is wrong.
        form.submit();
      } else {
        say(form.dataset.failed, "is-bad");
      }
    } catch {
      // No connection, or no answer: it may have arrived, and the token keeps it from being written twice.
      say(form.dataset.kept);
    } finally {
      sending = false;
      form.removeAttribute("aria-busy");
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    keep();
    if (sending) return;
    if (navigator.onLine) send(event.submitter?.name === "again");
    else say(form.dataset.kept);
  });
  window.addEventListener("online", () => {
    if (!form.querySelector("[data-says]").hidden) say(form.dataset.back, "is-info");
  });
  form.querySelector("[data-forget]").addEventListener("click", () => {
    write(key, null);
    location.reload();
  });

  // ── What a kind asks for, and who comes on next ──
  const known = fields.known.closest(".bz-field");
  const more = form.querySelector("details");

  function suit() {
    const kind = fields.kind.value;
    const optional = fields.due_at.closest(".bz-field").querySelector(".bz-optional");
    if (optional) optional.hidden = codes("needingTime").includes(kind);
    const atOnce = codes("askingKnown").includes(kind) || fields.known.value !== "" || known.matches(".is-wrong");
    if (atOnce && known.parentElement === more) more.before(known);
    if (!atOnce && known.parentElement !== more) more.querySelector("summary").after(known);
    const chosen = fields.meant_for.value;
    form.querySelector("[data-later]").hidden = !chosen || codes("comingNext").includes(chosen);
  }

  const quick = form.querySelector("[data-quick]");
  fields.due_at.closest(".bz-field").append(quick);
  quick.hidden = false;
  quick.addEventListener("click", (event) => {
    const { due } = event.target.closest("button")?.dataset ?? {};
    if (!due) return;
    fields.due_at.value = due;
    keep();
  });

  form.addEventListener("input", keep);
  form.addEventListener("change", () => {
    keep();
    suit();
  });
  restore();
  suit();
})();
