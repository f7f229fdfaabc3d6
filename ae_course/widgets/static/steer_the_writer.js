// A network that writes, with a direction added to its state after each character.

function steeredWriter(config, buffer) {
  return { characters: Array.from(config.characters), prompt: config.prompt, names: config.names, follows: config.follows,
    pushes: config.pushes.map((place) => take(buffer, place)), network: recurrentNetwork(config, buffer) };
}

/** Scores of the next character from the last layer's state. */
function scoresFrom({ inputWeights, scores, slope, epsilon }, h) {
  const x = multiply(inputWeights[inputWeights.length - 1], normalised(h, epsilon)).map((value) => (value > 0 ? value : slope * value));
  return multiply(scores, normalised(x, epsilon));
}

/** One step, then the push: the state's numbers stay between -1 and 1. */
function steered(network, token, state, push) {
  const [scores, after] = step(network, token, state);
  if (!push) return [scores, after];
  const last = after.length - 1;
  const h = after[last][0].map((value, i) => Math.max(-1, Math.min(1, value + push[i])));
  return [scoresFrom(network, h), [...after.slice(0, last), [h, after[last][1]]]];
}

/** A random direction with the length of another one. */
function randomLike(push, random) {
  const drawn = push.map(() => normal(random));
  const length = (vector) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return drawn.map((value) => (value * length(push)) / length(drawn));
}

function buildSteeredWriter({ characters, prompt, names, follows, pushes, network }) {
  const [LENGTH, RANDOM] = [300, "a random direction"];
  const shown = (name) => `…${Array.from(name, visible).join("")}`;
  const typed = element("textarea", { rows: 2, style: "width: 100%; font-family: ui-monospace, monospace", spellcheck: "false", autocapitalize: "off", "aria-label": "Beginning of the text" }, prompt);
  const complaint = element("p", { class: "ae-error", role: "alert", style: "margin: 0" });
  const panes = ["with the direction", "without it"].map((title) => ({
    head: element("p", { style: "margin: 0 0 0.2em" }, title),
    text: element("div", { class: "ae-text", tabindex: 0, role: "group", "aria-label": `The text ${title}` }),
  }));
  const say = element("p", { class: "ae-say ae-tall", role: "status" });
  let [chosen, last, push, beginning] = [0, 0, null, ""];
  let runs = [];

  const options = choice("The text ends in", [...names.map(shown), RANDOM], shown(names[0]), (text) => {
    chosen = [...names.map(shown), RANDOM].indexOf(text);
    if (chosen < names.length) last = chosen;
    restart();
  });
  const strength = dial("Strength", { min: -2, max: 3, step: 0.25, value: 1, limits: [-10, 10], onchange: restart });
  const temperature = dial("Temperature", { min: 0, max: 2, step: 0.05, value: 0.8, limits: [0, 100], onchange: restart });
  const seed = dial("Seed", { min: 0, max: 99, step: 1, value: 0, limits: [0, 4294967295], whole: true, onchange: restart });

  function restart() {
    write.stop();
    const [asked, refused] = readable(typed.value, characters);
    complaint.textContent = refused;
    typed.setAttribute("aria-invalid", String(Boolean(refused)));
    write.main.disabled = Boolean(refused);
    if (refused) return; // the texts so far stay
    beginning = Array.from(asked);
    const one = chosen < names.length ? pushes[chosen] : randomLike(pushes[last], generator(seed.value + 1));
    push = one.map((value) => value * strength.value);
    runs = [push, null].map((direction) => {
      let [scores, state] = [null, null];
      for (const character of beginning) [scores, state] = steered(network, characters.indexOf(character), state, direction);
      return { direction, scores, state, random: generator(seed.value), written: [] };
    });
    show();
    say.textContent = "";
  }

  /** Each text goes on by one character: both draw with the same random numbers. */
  function advance() {
    for (const run of runs) {
      const token = draw(softmax(run.scores, temperature.value), run.random);
      run.written.push(characters[token]);
      [run.scores, run.state] = steered(network, token, run.state, run.direction);
    }
  }

  function show() {
    runs.forEach(({ written }, i) => {
      panes[i].text.replaceChildren(element("b", {}, beginning.join("")), written.join(""));
      panes[i].text.scrollTop = panes[i].text.scrollHeight;
    });
  }

  function tell() {
    const [a, b] = runs.map(({ written }) => written.filter((one) => one === follows[last]).length);
    const after = spoken(follows[last]) ? `a ${spoken(follows[last])}` : `“${follows[last]}”`;
    say.textContent = `What most often follows “${shown(names[last])}” is ${after}. Of ${runs[0].written.length} characters it is ${a} with ${chosen < names.length ? "the direction" : RANDOM}, and ${b} without.`;
  }

  const left = () => LENGTH - runs[0].written.length;
  const write = player({
    names: [`Write ${LENGTH} characters`, "Stop"],
    begin: () => { if (runs[0].written.length) restart(); },
    advance: () => { for (let i = stillness() ? left() : Math.min(left(), 2); i > 0; i--) advance(); }, // all at once where motion is not wanted
    show,
    more: () => left() > 0,
    rest: tell,
  });

  typed.addEventListener("input", restart);
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Choose a feature by the label that it got, and a strength in units of its usual one. Both texts draw with the same random numbers. ¶ is a new line, ␣ a space."),
    typed, complaint, options, strength.node, temperature.node, seed.node,
    element("div", { class: "ae-row", style: "margin: 0.4em 0 0.7em" }, write.main, button("Another seed", () => seed.set((seed.value + 1) % 4294967296))),
    element("div", { class: "ae-row" }, ...panes.map(({ head, text }) => element("div", { class: "ae-wide" }, head, text))), say);
  restart();
  return { node, recolor() {} };
}

const buildFigure = (config, buffer) => {
  const parts = steeredWriter(config, buffer);
  return () => buildSteeredWriter(parts);
};
