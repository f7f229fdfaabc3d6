// Scores to drag, and the softmax that answers.

function buildTemperature({ characters, scores }) {
  const original = Array.from(scores);
  const now = Array.from(scores);
  const say = element("p", { class: "ae-say", role: "status" });
  const list = element("ol", { class: "ae-bars", "aria-label": "Probabilities" });
  const limit = Math.ceil(Math.max(6, ...original.map(Math.abs)));
  const number = (value) => value.toFixed(1).replace("-", "−");
  const sliders = characters.map((character, i) => {
    const name = spoken(character) || character;
    return element("input", { type: "range", min: -limit, max: limit, step: 0.1, value: original[i], "aria-label": `Score of ${name}`,
      oninput: (event) => { now[i] = Number(event.target.value); update(); } });
  });
  const temperature = dial("Temperature", { min: 0, max: 3, step: 0.05, value: 1, limits: [0, 100], onchange: update });

  function update() {
    const shares = softmax(now, temperature.value);
    list.replaceChildren(...bars(characters.map((character, i) => ({ name: visible(character), spoken: spoken(character), share: shares[i] }))));
    sliders.forEach((slider, i) => slider.setAttribute("aria-valuetext", `${number(now[i])}, probability ${percent(shares[i])}`));
    const entropy = shares.reduce((sum, share) => sum - (share ? share * Math.log2(share) : 0), 0);
    say.textContent = `The choice holds ${entropy.toFixed(2)} bits; all equal would be ${Math.log2(shares.length).toFixed(2)}.`;
  }
  function set(values) {
    values.forEach((value, i) => { now[i] = value; sliders[i].value = value; });
    update();
  }
  const rows = characters.map((character, i) => element("div", { class: "ae-dial", style: "flex-wrap: nowrap" }, element("span", { class: "ae-letter", "aria-hidden": "true" }, visible(character)), sliders[i]));
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Left the scores: drag them. Right the probabilities: they are shared out again at once."),
    temperature.node,
    element("div", { class: "ae-row" }, element("div", { class: "ae-wide" }, ...rows), element("div", { class: "ae-wide ae-tall" }, list)), say,
    element("div", { class: "ae-row", style: "margin-top: 0.6em" }, button("As the network said", () => set(original)), button("All equal", () => set(original.map(() => 0)))));
  update();
  return { node, recolor() {} };
}

const buildFigure = (config) => () => buildTemperature(config);
