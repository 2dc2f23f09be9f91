/* What people type is kept on the device until the server has it: capture.js, item-form.js, weekly.js. A browser that
   forbids storage keeps nothing, and says nothing about it. */
(() => {
  "use strict";
  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key) ?? "null");
    } catch {
      return null;
    }
  }

  // Nothing (null) forgets what was kept.
  function write(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // It stands on the page as long as that is open.
    }
  }

  // Under one token a thing is written once, however often it is sent. Not crypto.randomUUID: in a shop's own network
  // the page may come without https.
  function newToken() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  window.banzuKept = { read, write, newToken };
})();
