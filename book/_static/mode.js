// Reading mode: the code of plots and checks folds, so that what a lesson is about stays.
// One switch at the top of a page, remembered in this browser; each piece of code opens by itself.
document.addEventListener("DOMContentLoaded", () => {
  const key = "ae-mode";
  const kindOf = (code) => {
    if (/^(def|class) /m.test(code)) return null; // something is built here
    if (/^\s*plt\.show\(\)|^ae\.plot_/m.test(code)) return "the code of this plot";
    return /^ae\.claim\(/m.test(code) ? "the code of this check" : null;
  };
  const cells = [...document.querySelectorAll("article div.cell:not([class*=tag_hide], .ae-setup *) > .cell_input")]
    .map((input) => ({ input, kind: kindOf(input.querySelector("pre")?.textContent || "") }))
    .filter(({ kind }) => kind);
  const top = document.querySelector("article h1");
  if (cells.length < 2 || !top) return;

  let reading = kept.read(key) === "reading";
  const mode = document.createElement("button");
  mode.type = "button";
  mode.textContent = "Reading mode";
  const line = document.createElement("p");
  line.className = "ae-mode";
  line.append(mode, " folds plots and checks.");
  (document.querySelector(".ae-costs") || top).after(line);

  for (const cell of cells) {
    cell.button = document.createElement("button");
    cell.button.type = "button";
    cell.button.className = "ae-unfold";
    cell.input.before(cell.button);
    cell.button.addEventListener("click", () => fold(cell, !cell.input.hidden));
  }
  function fold(cell, folded) {
    cell.input.hidden = folded;
    cell.button.textContent = `${folded ? "Show" : "Hide"} ${cell.kind}`;
    cell.button.setAttribute("aria-expanded", String(!folded));
  }
  function show() {
    mode.setAttribute("aria-pressed", String(reading));
    for (const cell of cells) {
      cell.button.hidden = !reading;
      fold(cell, reading);
    }
  }
  mode.addEventListener("click", () => {
    reading = !reading;
    kept.write(key, reading ? "reading" : "code");
    show();
  });
  show();
});
