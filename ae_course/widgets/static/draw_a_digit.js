// A digit, some noise, and what each network makes of it.

const NOISES = {
  Gaussian: (pixel, amount, random) => pixel + amount * normal(random),
  masking: (pixel, amount, random) => (random() < amount ? 0 : pixel),
  "salt and pepper": (pixel, amount, random) => (random() < amount ? Number(random() < 0.5) : pixel),
};

function corrupt(pixels, kind, amount, seed) {
  const random = generator(seed);
  return pixels.map((pixel) => NOISES[kind](pixel, amount, random));
}

function drawADigit(config, buffer) {
  const models = config.models.map(({ name, layers }) => ({ name, layers: layersOf(buffer, layers) }));
  return { models, pool: config.pool, digits: picturesOf(buffer, config.pictures), labels: config.labels };
}

function buildDrawADigit({ models, pool, digits, labels }) {
  let [colors, kind, seed, clean, name] = [LIGHT, "Gaussian", 1, new Float32Array(SIDE * SIDE), ""];
  const given = picture("Clean");
  const noisy = picture("With noise");
  const redrawn = models.map((model) => ({ ...model, ...picture(model.name) }));
  const { nodes, say } = sentence();
  const blank = new Float32Array((SIDE / pool) ** 2);

  function update() {
    if (!clean.some((ink) => ink > 0.05)) {
      for (const one of [given, noisy, ...redrawn]) one.show(colors, blank, "—", "Empty");
      say("The page is empty. Draw a digit, or take one of the test digits.");
      return;
    }
    const x = pooled(clean, SIDE, pool);
    const corrupted = corrupt(x, kind, amount.value, seed);
    given.show(colors, x, "Clean", `${name}, before the noise`);
    noisy.show(colors, corrupted, `With noise, error ${meanSquaredError(x, corrupted).toFixed(3)}`);
    const errors = redrawn.map((model) => {
      const y = run(model.layers, corrupted);
      const error = meanSquaredError(x, y);
      model.show(colors, y, `${model.name}, error ${error.toFixed(3)}`, `Redrawn by the ${model.name} network, mean squared error to the clean picture ${error.toFixed(3)}`);
      return error;
    });
    say(`${name[0].toUpperCase()}${name.slice(1)}. Nearest to the clean picture: ${redrawn[errors.indexOf(Math.min(...errors))].name}.`);
  }
  const amount = dial("Amount of noise", { min: 0, max: 1, step: 0.05, value: 0.5, onchange: update });
  const pad = drawingPad(digits, labels, (picture, what) => { [clean, name] = [picture, what]; update(); });
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Draw with a finger, a pen or the mouse, or take a test digit. The amount is the standard deviation of Gaussian noise, or the share of pixels that the other two spoil."),
    element("div", { class: "ae-row" }, pad.node,
      element("div", { class: "ae-wide" }, element("div", { class: "ae-pictures" }, given.node, noisy.node, ...redrawn.map(({ node }) => node)), ...nodes)),
    choice("Noise", Object.keys(NOISES), kind, (chosen) => { kind = chosen; update(); }), amount.node,
    element("div", { class: "ae-row" }, button("Other noise", () => { seed++; update(); })));
  pad.turnTo(0);
  return {
    node,
    recolor(now) {
      colors = now;
      pad.recolor(now);
      update();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = drawADigit(config, buffer);
  return () => buildDrawADigit(parts);
};
