/* A file that is too large is refused where it is chosen, before it travels. */
(() => {
  "use strict";
  for (const form of document.querySelectorAll("[data-file-form]")) {
    const field = form.querySelector("input[type=file]");
    field.addEventListener("change", () => {
      const file = field.files[0];
      field.setCustomValidity(file && file.size > Number(field.dataset.mostBytes) ? form.dataset.tooLarge : "");
      field.reportValidity();
    });
  }
})();
