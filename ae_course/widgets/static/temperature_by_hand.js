// Scores to drag, and the softmax that answers.

function buildTemperature({ characters, scores }) {
  const now = Array.from(scores);
  const { nodes, say } = sentence();
  const limit = Math.ceil(Math.max(3, ...scores.map((score) => 2 * Math.abs(score))));
  const number = (value) => value.toFixed(1).replace("-", "−");
  const rows = characters.map((character, i) => {
    const slider = element("input", { type: "range", class: "ae-drag", min: -limit, max: limit, step: 0.1, value: scores[i],
      "aria-label": `Score of ${spoken(character) || character}`, oninput: () => { now[i] = Number(slider.value); update(); } });
    const filled = element("span", { class: "ae-filled" });
    const share = element("span", { class: "ae-number" });
    const score = element("span", { class: "ae-logit", "aria-hidden": "true" });
    return { slider, filled, share, score, node: element("li", {}, element("span", { class: "ae-letter", "aria-hidden": "true" }, visible(character)), slider, score,
      element("span", { class: "ae-bar", "aria-hidden": "true" }, filled), share) };
  });
  const temperature = dial("Temperature", { min: 0, max: 3, step: 0.05, value: 1, limits: [0, 100], onchange: update });

  function update() {
    const shares = softmax(now, temperature.value);
    rows.forEach(({ slider, filled, share, score }, i) => {
      score.textContent = number(now[i]);
      filled.style.width = `${100 * shares[i]}%`;
      share.textContent = percent(shares[i]);
      slider.setAttribute("aria-valuetext", `${number(now[i])}, probability ${percent(shares[i])}`);
    });
    const entropy = shares.reduce((sum, share) => sum - (share ? share * Math.log2(share) : 0), 0);
    say(`The choice holds ${entropy.toFixed(2)} bits; all equal would be ${Math.log2(shares.length).toFixed(2)}.`);
  }
  function set(values) {
    values.forEach((value, i) => { now[i] = value; rows[i].slider.value = value; });
    update();
  }
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Drag the scores. The bars beside them are the probabilities: they are shared out again at once."),
    temperature.node, element("ol", { class: "ae-bars", "aria-label": "Scores and probabilities" }, ...rows.map(({ node }) => node)), ...nodes,
    element("div", { class: "ae-row", style: "margin-top: 0.6em" }, button("As the network said", () => { temperature.set(1); set(scores); }),
      button("Double all scores", () => set(now.map((score) => 2 * score))), button("All equal", () => set(now.map(() => 0)))));
  update();
  return { node, recolor() {} };
}

const buildFigure = (config) => () => buildTemperature(config);
