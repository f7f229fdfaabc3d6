// What a page keeps in the reader's browser. Where storage is switched off or full, nothing is kept,
// and every page works without it.
const kept = {
  read(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
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
