// A digit as a sum of words: the empty page, and one word of its sparse code after the other.

function wordByWord(config, buffer) {
  const { labels, k, most, which, units } = config;
  const { weight, columns } = matrix(buffer, config.words);
  const values = take(buffer, config.values);
  const words = (digit) => Array.from({ length: most }, (_, i) => {
    const [at, from] = [digit * most + i, which[digit * most + i] * columns];
    return { unit: units[at], value: values[at], pixels: weight.subarray(from, from + columns) };
  });
  return { labels, k, most, empty: take(buffer, config.empty), pictures: picturesOf(buffer, config.pictures), digits: labels.map((_, digit) => words(digit)) };
}

/** The empty page and the first words, each times its value, without those that are off. */
function sumOf(empty, words, count, off = new Set()) {
  const sum = Float32Array.from(empty);
  words.slice(0, count).forEach(({ value, pixels }, i) => {
    if (!off.has(i)) for (let j = 0; j < sum.length; j++) sum[j] += value * pixels[j];
  });
  return sum;
}

/** A word as a picture: zero in the middle between paper and ink. */
function asPicture(pixels) {
  const largest = pixels.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
  return pixels.map((value) => 0.5 + (0.5 * value) / largest);
}

function buildWordByWord({ labels, k, most, empty, pictures, digits }) {
  const styles = `.ae-figure .ae-words { display: flex; flex-wrap: wrap; gap: 0.3em; margin: 0.6em 0 0; }
    .ae-figure .ae-words button { padding: 3px; width: 52px; border-width: 2px; font-size: 0.8125rem; line-height: 1.3; }
    .ae-figure .ae-words canvas { width: 100%; height: auto; aspect-ratio: 1; image-rendering: pixelated; border: 0; }
    .ae-figure .ae-words button.ae-now { border-color: var(--ae-accent); }
    .ae-figure .ae-words button[aria-pressed="false"] { border-style: dashed; }
    .ae-figure .ae-words button[aria-pressed="false"] canvas { opacity: 0.25; }`;
  let [colors, digit, count, step, off] = [LIGHT, 0, k, 0, new Set()];
  const [target, word, sum] = ["Test digit", "Word", "Sum so far"].map(picture);
  const { nodes, say } = sentence();
  const shelf = element("div", { class: "ae-words", role: "group", "aria-label": "The words, on or off" });
  const signed = (value) => value.toFixed(2).replace("-", "−");

  function fill() {
    shelf.replaceChildren(...digits[digit].slice(0, count).map(({ value, pixels, unit }, i) => {
      const canvas = element("canvas", { width: 28, height: 28, "aria-hidden": "true" });
      paint(canvas, asPicture(pixels), colors);
      const toggle = button("", () => {
        if (!off.delete(i)) off.add(i);
        update();
      });
      toggle.setAttribute("aria-label", `Word ${i + 1}, unit ${unit}, weight ${signed(value)}`);
      toggle.setAttribute("data-lm-suppress-shortcuts", "true");
      toggle.append(canvas, String(i + 1));
      return toggle;
    }));
  }

  function update() {
    const [words, image, what] = [digits[digit], pictures[digit], withArticle(labels[digit])];
    const now = sumOf(empty, words, step, off);
    const error = meanSquaredError(now, image);
    target.show(colors, image, "Test digit", `${what}, the test digit`);
    sum.show(colors, now, `Sum so far: ${error.toFixed(4)}`, `The sum of ${step} words, mean squared error ${error.toFixed(4)}`);
    if (step) {
      const { value, pixels, unit } = words[step - 1];
      word.show(colors, asPicture(pixels), `Word ${step}: × ${signed(value)}`, `Word ${step}, unit ${unit}, weight ${signed(value)}`);
    } else word.show(colors, asPicture(new Float32Array(empty.length)), "No word yet");
    Array.from(shelf.children).forEach((one, i) => {
      one.setAttribute("aria-pressed", String(!off.has(i)));
      one.classList.toggle("ae-now", i === step - 1);
    });
    const all = meanSquaredError(sumOf(empty, words, count, off), image);
    const left = Array.from(off).filter((i) => i < count).sort((a, b) => a - b).map((i) => i + 1);
    const without = left.length ? `, without ${left.length > 1 ? "words" : "word"} ${left.join(", ")}` : "";
    let change = "The page before any word is spoken";
    if (step) {
      const before = meanSquaredError(sumOf(empty, words, step - 1, off), image);
      change = off.has(step - 1) ? `Word ${step} is off` : `Word ${step}, unit ${unitOf(step)}, takes the error from ${before.toFixed(4)} to ${error.toFixed(4)}`;
    }
    say(`${what[0].toUpperCase()}${what.slice(1)}. ${change}. ${step ? "" : `Error ${error.toFixed(4)}. `}All ${count}${without}: ${all.toFixed(4)}.`);
  }
  const unitOf = (place) => digits[digit][place - 1].unit;
  const go = (to) => { step = Math.min(count, Math.max(0, to)); update(); };
  const turn = (by) => () => {
    [digit, step, off] = [(digit + by + labels.length) % labels.length, 0, new Set()];
    fill();
    update();
  };
  const size = dial("Words k", { min: 1, max: most, step: 1, value: k, whole: true, onchange: (value) => {
    count = value;
    step = Math.min(step, count);
    fill();
    update();
  } });
  const node = element("div", {},
    element("style", {}, styles),
    element("p", { class: "ae-help" }, "Add the words one by one, the largest first. A click on a small picture switches that word off, or on again. In a word the tone of the empty frame is zero; darker adds ink, lighter takes it away (on a dark page the other way round)."),
    element("div", { class: "ae-pictures" }, target.node, word.node, sum.node), ...nodes,
    element("div", { class: "ae-row" }, button("Next word", () => go(step + 1)), button("Previous word", () => go(step - 1)), button("All words", () => go(count))),
    shelf, size.node,
    element("div", { class: "ae-row" }, button("Previous digit", turn(-1)), button("Next digit", turn(1))));
  fill();
  update();
  return {
    node,
    recolor(now) {
      colors = now;
      fill();
      update();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = wordByWord(config, buffer);
  return () => buildWordByWord(parts);
};
