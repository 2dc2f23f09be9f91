/* Quick capture into the issue register, from any page: the button or the key I opens it. What is typed is kept on the
   device, by person and department, and cleared only when the server has answered that it is written. Without a
   connection it waits and is sent when that comes back. The token makes a repeat harmless: it is written once. */
(() => {
  "use strict";
  const { read, write, newToken } = window.banzuKept;
  const FIELDS = ["text", "customer", "about"];
  // Phones take pictures that are larger than what can be kept: they are made smaller before they are sent.
  const LARGEST = 4 * 1024 * 1024;
  const LONGEST_SIDE = 2400;
  const PATIENCE_MS = 60000;
  const AGAIN_MS = 30000;
  let sending = false;

  const box = () => document.querySelector("[data-capture]");
  const form = () => box().querySelector("form");
  const says = () => box().querySelector("[data-capture-says]");

  // ── What is kept on the device ──
  const key = () => box().dataset.keptUnder;
  const draft = () => read(key());
  const language = () => document.documentElement.lang;

  function keep(changes = {}) {
    const known = draft();
    const fields = form().elements;
    const now = { token: known?.token ?? newToken(), waits: false };
    for (const name of FIELDS) now[name] = fields[name].value;
    now.category = fields.category?.value ?? known?.category ?? "";
    now.picture = fields.picture.files.length > 0;
    write(key(), { ...now, ...changes });
    mark();
  }

  function forget() {
    write(key(), null);
    form().reset();
    mark();
  }

  // The button shows that something is kept, in words for those who listen.
  function mark() {
    const button = document.querySelector("[data-capture-open]");
    const kept = draft();
    button.classList.toggle("is-kept", Boolean(kept?.text.trim()));
  }

  // ── The dialog ──
  function say(text, tone = "") {
    const note = says();
    note.hidden = !text;
    note.textContent = text;
    note.className = `bz-note ${tone}`.trim();
  }

  function fill() {
    const kept = draft();
    if (!kept) return;
    for (const name of FIELDS) form().elements[name].value = kept[name] ?? "";
    if (kept.customer || kept.about) box().querySelector("details").open = true;
    const lost = kept.picture && !form().elements.picture.files.length;
    if (lost) box().querySelector("details").open = true;
    if (kept.text.trim()) say(lost ? box().dataset.pictureAgain : kept.waits ? box().dataset.kept : box().dataset.draft);
  }

  function show(categories) {
    const place = box().querySelector("[data-capture-categories]");
    const chosen = form().elements.category?.value || draft()?.category;
    place.replaceChildren(
      ...categories.map(([code, name], index) => {
        const label = document.createElement("label");
        const button = document.createElement("input");
        button.type = "radio";
        button.name = "category";
        button.value = code;
        button.id = `capture-category-${index}`;
        button.checked = code === chosen || categories.length === 1;
        label.append(button, document.createTextNode(name));
        return label;
      }),
    );
  }

  async function askCategories() {
    const name = `bz-categories:${key()}:${language()}`;
    const known = read(name);
    if (known) show(known);
    try {
      const answer = await fetch(box().dataset.categoriesUrl, { headers: { Accept: "application/json" } });
      if (!isJson(answer)) return;
      const { categories, trouble } = await answer.json();
      if (trouble) say(trouble, "is-warn");
      write(name, categories);
      show(categories);
    } catch {
      if (!known) say(box().dataset.noCategories, "is-warn");
    }
  }

  function open() {
    if (box().open) return;
    say("");
    fill();
    box().showModal();
    form().elements.text.focus();
    askCategories();
  }

  // ── Sending ──
  const isJson = (answer) => answer.headers.get("Content-Type")?.startsWith("application/json");

  async function smaller(file) {
    if (file.size <= LARGEST && /^image\/(jpeg|png|webp)$/.test(file.type)) return file;
    try {
      const picture = await createImageBitmap(file);
      const share = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * share);
      canvas.height = Math.round(picture.height * share);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      return made ? new File([made], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
    } catch {
      // What the browser cannot draw goes as it is; the server says what is wrong with it.
      return file;
    }
  }

  async function body(kept) {
    const data = new FormData();
    for (const name of [...FIELDS, "category", "token"]) data.set(name, kept[name] ?? "");
    const [file] = form().elements.picture.files;
    if (file) data.set("picture", await smaller(file));
    return data;
  }

  async function send() {
    const kept = draft();
    if (sending || !kept) return;
    sending = true;
    // Nothing is typed into what is on its way.
    form().inert = true;
    form().setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form().action, {
        method: "POST",
        body: await body(kept),
        headers: { Accept: "application/json", "X-CSRFToken": csrf() },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      await answered(answer, kept);
    } catch {
      // No connection, or no answer: it may have arrived, and the token keeps it from being written twice.
      keep({ waits: true });
      say(box().dataset.kept, "is-warn");
      setTimeout(back, AGAIN_MS);
    } finally {
      sending = false;
      form().inert = false;
      form().removeAttribute("aria-busy");
    }
  }

  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

  async function answered(answer, kept) {
    if (!isJson(answer)) {
      const login = answer.redirected && new URL(answer.url).pathname === document.body.dataset.login;
      keep({ waits: false });
      complain(login ? box().dataset.signedOut : box().dataset.failed);
      return;
    }
    const said = await answer.json();
    if (answer.status === 201) {
      if (draft()?.token === kept.token) forget();
      box().close();
      window.banzu?.say(said.said, "success");
      return;
    }
    const errors = Object.values(said.errors ?? {}).flat();
    // Under this token something else has arrived: what stands here now is sent as a new entry.
    const used = errors.some((error) => error.code === "token_used");
    keep({ waits: false, ...(used ? { token: newToken() } : {}) });
    complain(errors.map((error) => error.message).join(" ") || box().dataset.failed);
  }

  function complain(text) {
    if (!box().open) open();
    say(text, "is-bad");
  }

  // Whoever goes on writing sends it themselves: half a sentence must not go by itself.
  function edited() {
    if (draft()?.waits) say(box().dataset.draft);
    keep();
  }

  function submit(event) {
    event.preventDefault();
    const { text, category } = form().elements;
    if (!text.value.trim()) {
      say(box().dataset.write, "is-bad");
      text.focus();
      return;
    }
    keep();
    if (!category?.value) {
      const none = !box().querySelector("[data-capture-categories] input");
      say(none ? box().dataset.noCategories : box().dataset.choose, "is-bad");
      box().querySelector("[data-capture-categories] input")?.focus();
      return;
    }
    if (navigator.onLine) {
      send();
      return;
    }
    keep({ waits: true });
    say(box().dataset.kept, "is-warn");
  }

  function back() {
    const kept = draft();
    if (box().open && !box().querySelector("[data-capture-categories] input")) askCategories();
    // A picture is not kept: whoever opened a new page since has to choose it again.
    if (kept?.waits && (!kept.picture || form().elements.picture.files.length)) {
      fill();
      send();
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (!box()) return;
    form().addEventListener("submit", submit);
    form().addEventListener("input", edited);
    form().addEventListener("change", edited);
    document.querySelector("[data-capture-open]").addEventListener("click", (event) => {
      event.preventDefault();
      open();
    });
    window.addEventListener("online", back);
    // Another window has sent it, or another draft is being typed there.
    window.addEventListener("storage", (event) => event.key === key() && mark());
    mark();
    if (navigator.onLine) back();
  });
})();
