// A diffusion model of codes: from noise to digits in steps, with noise or without, all levels or one.

const PACE = 6; // steps a second while it plays
const LEVELS = ["falls to zero", "stays"];
const STARTS = ["different", "all the same"];
const NONE = "none";

const silu = (x) => x / (1 + Math.exp(-x));

function samplerOf(config, buffer) {
  const layer = (packed) => affine(buffer, packed);
  const { first, blocks, last } = config.denoiser;
  return {
    ...config,
    alphaBars: take(buffer, config.alphaBars),
    center: take(buffer, config.center),
    scale: take(buffer, config.scale),
    denoiser: {
      first: layer(first), last: layer(last),
      blocks: blocks.map(({ enter, told, leave }) => ({ enter: layer(enter), told: layer(told), leave: layer(leave) })),
    },
    decoder: config.decoder.map((one) => ({ ...one, ...layer(one) })),
  };
}

/** The noise that the network finds in x at the level ᾱ; a label of `classes` says that no class is given. */
function predicted({ denoiser, classes }, x, alphaBar, label) {
  const told = new Float32Array(classes + 2);
  told[0] = Math.log((1 - alphaBar) / alphaBar) / 2;
  told[1 + label] = 1;
  let h = multiply(denoiser.first, x);
  for (const { enter, told: shift, leave } of denoiser.blocks) {
    const shifted = multiply(shift, told);
    const added = multiply(leave, multiply(enter, h).map((value, i) => silu(value + shifted[i])));
    h = h.map((value, i) => value + added[i]);
  }
  return multiply(denoiser.last, h.map(silu));
}

/** The prediction with the class, and on from the prediction without it by `weight` times. */
function guided(model, x, alphaBar, label, weight) {
  const asked = predicted(model, x, alphaBar, label);
  if (!weight || label === model.classes) return asked;
  const nothing = predicted(model, x, alphaBar, model.classes);
  return asked.map((value, i) => value + weight * (value - nothing[i]));
}

/** One step from the level `now` to `then`: the guess of the clean code, and the next x. `noise` is null for none. */
function stepped(x, found, now, then, noise) {
  const guess = x.map((value, i) => (value - Math.sqrt(1 - now) * found[i]) / Math.sqrt(now));
  // at one level the ancestral variance would be zero: there all the noise is drawn anew
  const fresh = !noise ? 0 : then === now ? 1 - now : ((1 - then) / (1 - now)) * (1 - now / then);
  const old = then === now && !noise ? 0 : Math.sqrt(Math.max(0, 1 - then - fresh)); // literally: nothing is put back
  const next = guess.map((value, i) => Math.sqrt(then) * value + old * found[i] + (noise ? Math.sqrt(fresh) * noise[i] : 0));
  return { guess, next };
}

/** The levels ᾱ of so many steps, from the noisiest to the last. */
function levelsOf({ alphaBars }, count) {
  const last = alphaBars.length - 1;
  return Array.from({ length: count }, (_, i) => alphaBars[count === 1 ? last : Math.round(last - (last * i) / (count - 1))]);
}

/** A transposed convolution of 4 × 4 with stride 2: each place lays a weighted window on a map twice as large. */
function spread({ weight, bias, rows, columns }, x) {
  const inputs = columns / 16;
  const side = Math.round(Math.sqrt(x.length / inputs));
  const wide = 2 * side;
  const y = new Float32Array(rows * wide * wide);
  for (let o = 0; o < rows; o++) {
    const base = o * wide * wide;
    y.fill(bias[o], base, base + wide * wide);
    for (let c = 0; c < inputs; c++)
      for (let row = 0; row < side; row++)
        for (let column = 0; column < side; column++) {
          const value = x[(c * side + row) * side + column];
          if (!value) continue; // a ReLU left nothing
          for (let i = 0; i < 4; i++) {
            const down = 2 * row - 1 + i;
            if (down < 0 || down >= wide) continue;
            for (let j = 0; j < 4; j++) {
              const across = 2 * column - 1 + j;
              if (across >= 0 && across < wide) y[base + down * wide + across] += value * weight[o * columns + c * 16 + 4 * i + j];
            }
          }
        }
  }
  return y;
}

/** The picture of a code. */
function drawn({ decoder, center, scale }, code) {
  let x = Float32Array.from(code, (value, i) => value * scale[i] + center[i]);
  for (const layer of decoder) {
    x = (layer.op === "affine" ? multiply : spread)(layer, x);
    if (layer.relu) x = x.map((value) => (value > 0 ? value : 0));
  }
  return x;
}

/** The mean distance between the codes, over all pairs. */
function apart(codes) {
  let [sum, pairs] = [0, 0];
  codes.forEach((one, i) => codes.slice(0, i).forEach((other) => {
    sum += Math.sqrt(one.reduce((all, value, k) => all + (value - other[k]) ** 2, 0));
    pairs++;
  }));
  return sum / pairs;
}

const noiseCodes = (random, count, size) => Array.from({ length: count }, () => Float32Array.from({ length: size }, () => normal(random)));

function buildSampler(model) {
  const { shown, size, classes, stays, alphaBars } = model;
  let [colors, seed, shakes, digit, noisy, falls, alike] = [LIGHT, 1, 1, NONE, false, true, false];
  let [starts, x, guesses, step, random] = [[], [], [], 0, null];
  const pairs = Array.from({ length: shown }, (_, i) => ({ now: picture(`Code ${i + 1}`), guess: picture(`Guess ${i + 1}`) }));
  const { nodes, say } = sentence();
  const levels = () => (falls ? levelsOf(model, calls.value) : Array(calls.value).fill(alphaBars[stays]));
  const label = () => (digit === NONE ? classes : Number(digit));
  const sigmaOf = (alphaBar) => Math.sqrt((1 - alphaBar) / alphaBar);
  const short = (value) => (value >= 10 ? value.toFixed(0) : value >= 0.0995 ? value.toFixed(2) : value.toFixed(3));
  const done = () => step >= calls.value;

  function advance() {
    if (done()) return;
    const all = levels();
    const [now, then] = [all[step], falls ? (step + 1 < all.length ? all[step + 1] : 1) : all[step]];
    const moved = x.map((code) => stepped(code, guided(model, code, now, label(), weight.value), now, then,
      noisy ? noiseCodes(random, 1, size)[0] : null));
    [x, guesses] = [moved.map(({ next }) => next), moved.map(({ guess }) => guess)];
    step++;
    table.append(element("tr", {}, ...[step, short(sigmaOf(now)), apart(guesses).toFixed(2)].map((value, i) => element(i ? "td" : "th", i ? {} : { scope: "row" }, String(value)))));
  }

  function tell() {
    const of = step ? `Step ${step} of ${calls.value}` : `${calls.value} step${calls.value > 1 ? "s" : ""} to go`;
    const level = step ? `, σ was ${short(sigmaOf(levels()[step - 1]))}` : "";
    const far = step ? ` The guesses are ${apart(guesses).toFixed(2)} apart on average.` : ` The starts are ${apart(starts).toFixed(2)} apart on average.`;
    say(`${of}${level}.${far}`);
    pairs.forEach(({ now, guess }, i) => {
      now.show(colors, drawn(model, x[i]), `code ${i + 1}`, `Code ${i + 1} as it stands, decoded, after ${step} steps`);
      const pixels = step ? drawn(model, guesses[i]) : new Float32Array(784);
      guess.show(colors, pixels, step ? `guess ${i + 1}` : "no guess yet", step ? `Guess ${i + 1} of the clean code, decoded` : `No guess ${i + 1} yet`);
    });
    for (const one of [single, play.main]) one.disabled = done();
  }

  function again() {
    play.stop();
    [x, guesses, step] = [starts.map((code) => code.slice()), [], 0];
    random = generator(5000 + shakes);
    table.replaceChildren();
    tell();
  }
  function restart() {
    const codes = noiseCodes(generator(seed), shown, size);
    starts = alike ? codes.map(() => codes[0]) : codes;
    again();
  }

  const play = player({ advance, show: tell, more: () => !done(), rate: () => PACE });

  const single = button("One step", () => { play.stop(); advance(); tell(); });
  const whole = button("All steps", () => { play.stop(); while (!done()) advance(); tell(); });
  const table = element("tbody");
  const calls = dial("Steps", { min: 1, max: 100, step: 1, value: model.calls, limits: [1, 200], whole: true, onchange: () => again() });
  const weight = dial("Guidance w", { min: 0, max: 8, step: 0.5, value: 0, limits: [0, 50], onchange: () => again() });
  const names = [NONE, ...Array.from({ length: classes }, (_, i) => String(i))];
  const grid = `display: grid; grid-template-columns: repeat(${shown}, minmax(0, 1fr)); gap: 0.4em`;
  const row = (key) => element("div", { class: "ae-pictures", style: grid }, ...pairs.map((pair) => pair[key].node));
  const node = element("div", {},
    element("p", { class: "ae-help" }, `Above, the codes as they stand, decoded; below, what the network takes for the clean code behind each. Without noise the starts decide everything. Where the level stays, at σ = ${short(sigmaOf(alphaBars[stays]))}, the guess is denoised again, literally, or, with noise on, after fresh noise. Guidance needs a digit.`),
    choice("Digit", names, digit, (text) => { digit = text; again(); }),
    choice("Noise", ["off", "on"], "off", (text) => { noisy = text === "on"; again(); }),
    choice("The level", LEVELS, LEVELS[0], (text) => { falls = text === LEVELS[0]; again(); }),
    choice("Starts", STARTS, STARTS[0], (text) => { alike = text !== STARTS[0]; restart(); }),
    calls.node, weight.node,
    element("div", { class: "ae-row" }, play.main, single, whole, button("Same starts again", again),
      button("Other starts", () => { seed++; restart(); }), button("Other noise", () => { shakes++; again(); })),
    element("div", { class: "ae-row" }, row("now")),
    element("div", { class: "ae-row" }, row("guess")),
    ...nodes,
    element("details", {}, element("summary", {}, "The steps as a table"),
      element("div", { class: "ae-scroll", tabindex: 0, role: "group", "aria-label": "Table of steps" }, element("table", {},
        element("thead", {}, element("tr", {}, ...["step", "σ", "guesses apart"].map((text) => element("th", { scope: "col" }, text)))), table))));
  restart();
  return { node, recolor(now) { colors = now; tell(); } };
}

const buildFigure = (config, buffer) => {
  const model = samplerOf(config, buffer);
  return () => buildSampler(model);
};
