// The gates of an LSTM with one layer, character by character over a text that the reader may change.

const LONGEST = 300; // characters: on a slow phone more would be felt while typing

function lstmGatesFigure(config, buffer) {
  return { characters: Array.from(config.characters), text: config.text, network: recurrentNetwork(config, buffer) };
}

/** For each character the gates, the candidate, and the memory before and after it: Float32Arrays of H numbers. */
function trace({ inputGates, recurrent: [part] }, tokens) {
  let [h, c] = [new Float32Array(part.columns), new Float32Array(part.columns)];
  return tokens.map((token) => {
    const inputs = inputGates.weight.subarray(token * inputGates.columns, (token + 1) * inputGates.columns);
    const back = multiply(part, h);
    const [before, gates] = [c, lstmGates(inputs, back)];
    [h, c] = CELLS.lstm(inputs, [h, c], back);
    return { ...gates, before, memory: c, shown: h };
  });
}

const ROWS = [["forget gate", "forget"], ["memory before", "before"], ["input gate", "input"], ["candidate", "candidate"], ["memory now", "memory"], ["output gate", "output"], ["shown, h", "shown"]];
const COLORED = { "the memory": "memory", "the forget gate": "forget", "the input gate": "input", "the output gate": "output" };

function buildLstmGates({ characters, text, network }) {
  const units = network.recurrent[0].columns;
  let [colors, asked, steps, at, way] = [LIGHT, "", [], 0, "the memory"];
  const { nodes, say } = sentence();
  const typed = element("textarea", { rows: 2, maxlength: LONGEST, style: "width: 100%; font-family: ui-monospace, monospace", spellcheck: "false", autocapitalize: "off", "aria-label": "Text to read" }, text);
  const complaint = element("p", { class: "ae-error", role: "alert", style: "margin: 0" });
  const strip = element("div", { class: "ae-text ae-strip", tabindex: 0, role: "slider", "aria-label": "Character of the text", "aria-valuemin": 1 });
  const unit = dial("Unit", { min: 1, max: units, step: 1, value: 1, whole: true, onchange: show });
  const rows = element("tbody");
  const value = (number) => number.toFixed(2).replace("-", "−");
  const factor = (number) => (number < 0 ? `(${value(number)})` : value(number));

  function readAgain() {
    const [clean, refused] = readable(typed.value, characters);
    complaint.textContent = refused;
    typed.setAttribute("aria-invalid", String(Boolean(refused)));
    if (refused) return; // the last good text stays
    asked = Array.from(clean).slice(0, LONGEST);
    steps = trace(network, asked.map((character) => characters.indexOf(character)));
    at = Math.min(at, asked.length - 1);
    strip.replaceChildren(...asked.map((character, i) => element("span", { onclick: () => move(i) }, character === "\n" ? "¶\n" : character)));
    strip.setAttribute("aria-valuemax", asked.length);
    show();
  }

  /** Blue below zero and orange above it, on the page's own paper: text stays readable on both. */
  function tint(share) {
    const strong = share > 0 ? (colors.dark ? [150, 84, 0] : [255, 170, 60]) : colors.dark ? [0, 84, 150] : [110, 185, 245];
    return `rgb(${strong.map((end, c) => Math.round(colors.paper[c] + Math.abs(share) * (end - colors.paper[c])))})`;
  }

  function show() {
    if (!steps.length) return;
    const [i, key] = [unit.value - 1, COLORED[way]];
    const most = key === "memory" ? Math.max(...steps.map((step) => Math.abs(step.memory[i])), 1e-6) : 1;
    [...strip.children].forEach((span, place) => {
      span.style.background = tint(steps[place][key][i] / most);
      span.classList.toggle("ae-here", place === at);
    });
    const now = steps[at];
    const name = spoken(asked[at]) || asked[at];
    rows.replaceChildren(...ROWS.map(([title, part]) => element("tr", {}, element("th", { scope: "row" }, title), element("td", {}, value(now[part][i])))));
    const text = `Character ${at + 1}, ${name}: of the memory ${value(now.before[i])} a share of ${value(now.forget[i])} is kept, and ${value(now.input[i])} × ${factor(now.candidate[i])} is added. Now it is ${value(now.memory[i])}.`;
    strip.setAttribute("aria-valuenow", at + 1);
    strip.setAttribute("aria-valuetext", text);
    say(text);
    back.disabled = at === 0;
    next.disabled = at === asked.length - 1;
  }

  function move(to) {
    at = Math.min(Math.max(to, 0), asked.length - 1);
    show();
  }

  const next = button("Next character", () => move(at + 1));
  next.classList.add("ae-main");
  const back = button("Back", () => move(at - 1));
  const busiest = button("The unit that changed most", () => {
    const changes = Array.from(steps[at].memory, (memory, i) => Math.abs(memory - steps[at].before[i]));
    unit.set(changes.indexOf(Math.max(...changes)) + 1);
  });
  const KEYS = { ArrowLeft: () => at - 1, ArrowRight: () => at + 1, ArrowDown: () => at - 1, ArrowUp: () => at + 1, Home: () => 0, End: () => asked.length - 1 };
  strip.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
    move(KEYS[event.key]());
    event.preventDefault();
  });
  typed.addEventListener("input", readAgain);
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Choose a unit, and step through the text: click a character, or use the arrow keys. Orange is above zero and blue below it, the stronger the farther from it. ¶ is a new line."),
    typed, complaint,
    unit.node, choice("Colours show", Object.keys(COLORED), way, (text) => { way = text; show(); }),
    element("div", { class: "ae-row", style: "margin: 0.4em 0 0.7em" }, next, back, busiest),
    element("div", { class: "ae-row" }, element("div", { class: "ae-wide" }, strip, ...nodes),
      element("div", { class: "ae-scroll", tabindex: 0, role: "group", "aria-label": "The numbers of this unit" }, element("table", {}, rows))));
  readAgain();
  move(Math.min(9, asked.length - 1));
  return { node, recolor(now) { colors = now; show(); } };
}

const buildFigure = (config, buffer) => {
  const parts = lstmGatesFigure(config, buffer);
  return () => buildLstmGates(parts);
};
