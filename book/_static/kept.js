// What a page keeps in the reader's browser. Where storage is switched off or full, nothing is kept,
// and every page works without it.
const kept = {
  page: location.pathname.split("/").pop(), // whose name is a part of each key
  read(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  /** An object that was kept as JSON; an empty one if there is none, or something else. */
  object(key) {
    try {
      return JSON.parse(this.read(key)) || {};
    } catch {
      return {};
    }
  },
  write(key, text) {
    try {
      if (text) localStorage.setItem(key, text);
      else localStorage.removeItem(key);
    } catch {
      // it lasts as long as the page
    }
  },
};
