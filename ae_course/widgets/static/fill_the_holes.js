// Patches of a digit are hidden by hand; a masked autoencoder fills them, and so does Laplace's equation.

const SIDE = 28;
const PATCH = 4;
const GRID = SIDE / PATCH;
const PLACES = GRID * GRID;
const SHARES = [0.15, 0.5, 0.75, 0.9];

function fillTheHoles(config, buffer) {
  const rowsOf = ({ values, rows, columns }) => {
    const flat = take(buffer, values);
    return Array.from({ length: rows }, (_, i) => flat.subarray(i * columns, (i + 1) * columns));
  };
  const block = ({ projected, out, inner, outer }) => ({ projected: affine(buffer, projected), out: affine(buffer, out),
    inner: affine(buffer, inner), outer: affine(buffer, outer) });
  return { digits: picturesOf(buffer, config.pictures), labels: config.labels, hidden: config.hidden,
    network: { heads: config.heads, epsilon: config.epsilon, mean: config.mean, std: config.std, embed: affine(buffer, config.embed),
      positions: rowsOf(config.positions), encoder: config.encoder.map(block), narrow: affine(buffer, config.narrow), token: take(buffer, config.token),
      decoderPositions: rowsOf(config.decoderPositions), decoder: config.decoder.map(block), draw: affine(buffer, config.draw) } };
}

const sumOf = (a, b) => a.map((number, i) => number + b[i]);

/** The place of the i-th pixel of a patch in the picture. */
const pixelOf = (patch, i) => (PATCH * ((patch / GRID) | 0) + ((i / PATCH) | 0)) * SIDE + PATCH * (patch % GRID) + (i % PATCH);

/** Each vector looks at all, and then computes by itself. */
function through({ projected, out, inner, outer }, rows, heads, epsilon) {
  const width = rows[0].length;
  const parts = rows.map((row) => multiply(projected, normalised(row, epsilon)));
  const seen = parts.map((part) => ({ key: part.subarray(width, 2 * width), value: part.subarray(2 * width) }));
  return rows.map((row, i) => {
    const x = sumOf(row, multiply(out, lookUp(parts[i].subarray(0, width), seen, width / heads).found));
    return sumOf(x, multiply(outer, multiply(inner, normalised(x, epsilon)).map(gelu)));
  });
}

/** What the network draws at all places, when it is given the patches that are not hidden. */
function drawnBy(network, pixels, hidden) {
  const { heads, epsilon, mean, std, embed, positions, encoder, narrow, token, decoderPositions, decoder, draw } = network;
  const visible = Array.from({ length: PLACES }, (_, place) => place).filter((place) => !hidden.includes(place));
  const patch = (place) => Float32Array.from({ length: PATCH ** 2 }, (_, i) => (pixels[pixelOf(place, i)] - mean) / std);
  let rows = visible.map((place) => sumOf(multiply(embed, patch(place)), positions[place]));
  for (const block of encoder) rows = through(block, rows, heads, epsilon);
  let all = decoderPositions.map((position) => sumOf(position, token));
  visible.forEach((place, i) => { all[place] = sumOf(multiply(narrow, normalised(rows[i], epsilon)), decoderPositions[place]); });
  for (const block of decoder) all = through(block, all, heads, epsilon);
  const picture = new Float32Array(SIDE * SIDE);
  all.forEach((row, place) => multiply(draw, normalised(row, epsilon)).forEach((value, i) => { picture[pixelOf(place, i)] = mean + std * value; }));
  return picture;
}

/** The hidden pixels such that each is the mean of its neighbours (Laplace's equation), by conjugate gradients. */
function interpolated(pixels, hidden) {
  const holes = hidden.flatMap((place) => Array.from({ length: PATCH ** 2 }, (_, i) => pixelOf(place, i)));
  const number = new Int16Array(SIDE * SIDE).fill(-1);
  holes.forEach((pixel, i) => { number[pixel] = i; });
  const around = holes.map((pixel) => {
    const [row, column] = [(pixel / SIDE) | 0, pixel % SIDE];
    return [row > 0 && pixel - SIDE, row < SIDE - 1 && pixel + SIDE, column > 0 && pixel - 1, column < SIDE - 1 && pixel + 1].filter((one) => one !== false);
  });
  const inside = around.map((all) => all.map((one) => number[one]).filter((one) => one >= 0));
  const times = (x) => x.map((value, i) => inside[i].reduce((sum, j) => sum - x[j], around[i].length * value));
  const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const x = new Float64Array(holes.length);
  const rest = Float64Array.from(around, (all) => all.reduce((sum, one) => sum + (number[one] < 0 ? pixels[one] : 0), 0));
  let [way, left] = [rest.slice(), dot(rest, rest)];
  for (let i = 0; i < 500 && left > 1e-10; i++) {
    const turned = times(way);
    const step = left / dot(way, turned);
    for (let j = 0; j < x.length; j++) {
      x[j] += step * way[j];
      rest[j] -= step * turned[j];
    }
    const before = left;
    left = dot(rest, rest);
    way = rest.map((value, j) => value + (left / before) * way[j]);
  }
  const picture = Float32Array.from(pixels);
  holes.forEach((pixel, i) => { picture[pixel] = x[i]; });
  return picture;
}

/** The visible patches as they are, and in the holes what was filled in, from 0 to 1. */
function patched(pixels, filled, hidden) {
  const picture = Float32Array.from(pixels);
  for (const place of hidden) for (let i = 0; i < PATCH ** 2; i++) picture[pixelOf(place, i)] = Math.min(1, Math.max(0, filled[pixelOf(place, i)]));
  return picture;
}

function buildFillTheHoles({ digits, labels, hidden: given, network }) {
  const random = generator(1);
  let [colors, digit, hidden, place, before] = [LIGHT, 0, [...given], (PLACES - 1) / 2, null];
  const [ours, even, truth] = ["The network", "Interpolation", "As it was"].map(picture);
  const { nodes, say } = sentence();
  const spoken = element("p", { class: "ae-unseen", role: "status" });

  const board = plot({ class: "ae-plane ae-pad", tabindex: 0, role: "application", "aria-label": "Patches of the digit" }, (context, w) => {
    const cell = w / GRID;
    const small = element("canvas");
    paint(small, digits[digit], colors);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, w, w);
    const at = (one) => [(one % GRID) * cell, ((one / GRID) | 0) * cell];
    context.fillStyle = colors.dark ? "#26404c" : "#cfe4ee";
    for (const one of hidden) context.fillRect(...at(one), cell, cell);
    context.strokeStyle = colors.dark ? "#6a6a6a" : "#a0a0a0";
    context.lineWidth = 1;
    for (let one = 0; one < PLACES; one++) context.strokeRect(...at(one), cell, cell);
    if (!board.canvas.matches(":focus-visible")) return;
    context.strokeStyle = colors.dark ? "#6cc4ee" : "#0b6e99";
    context.lineWidth = 3;
    const [left, top] = at(place);
    context.strokeRect(left + 1.5, top + 1.5, cell - 3, cell - 3);
  });

  function tell() {
    const pixels = digits[digit];
    const what = withArticle(labels[digit]);
    const share = Math.round((100 * hidden.length) / PLACES);
    const whole = hidden.length === 0;
    const errors = [[ours, drawnBy, "The network"], [even, (_, ...rest) => interpolated(...rest), "Interpolation"]].map(([panel, fill, name]) => {
      const filled = whole ? pixels : patched(pixels, fill(network, pixels, hidden), hidden);
      const error = whole ? 0 : (meanSquaredError(filled, pixels) * PLACES) / hidden.length;
      panel.show(colors, filled, whole ? `${name}: no holes` : `${name}: error ${error.toFixed(3)}`,
        whole ? "The whole digit" : `${what}, with ${hidden.length} holes filled by: ${name.toLowerCase()}; mean squared error in the holes ${error.toFixed(3)}`);
      return error.toFixed(3);
    });
    truth.show(colors, pixels, "As it was", `The test digit, ${what}, as it was`);
    board.canvas.dataset.hidden = hidden.join(" ");
    board.canvas.setAttribute("aria-label", `${what[0].toUpperCase()}${what.slice(1)} of ${PLACES} patches, ${hidden.length} hidden: arrow keys go from patch to patch, Enter hides or shows one`);
    const start = `Test digit ${digit + 1}, ${what}: ${hidden.length} of ${PLACES} patches hidden, ${share} %.`;
    say(whole ? `${start} Hide some.` : `${start} In the holes the network's error is ${errors[0]}, that of interpolation ${errors[1]}.`);
    board.redraw();
  }

  /** Hide or show patches; the last one that can be seen stays. */
  function set(patches, hide) {
    const was = hidden;
    for (const one of patches) {
      if (hide === hidden.includes(one) || (hide && hidden.length === PLACES - 1)) continue;
      hidden = hide ? [...hidden, one].sort((a, b) => a - b) : hidden.filter((other) => other !== one);
    }
    if (hidden !== was) tell();
  }
  function hideAtRandom(share) {
    const order = Array.from({ length: PLACES }, (_, i) => [random(), i]).sort(([a], [b]) => a - b).map(([, i]) => i);
    hidden = order.slice(0, Math.round(PLACES * share)).sort((a, b) => a - b);
    tell();
  }
  const turn = (by) => () => { digit = (digit + by + labels.length) % labels.length; tell(); };

  const under = ([x, y]) => (x < 0 || x >= 1 || y < 0 || y >= 1 ? -1 : ((y * GRID) | 0) * GRID + ((x * GRID) | 0));
  let [hiding, last] = [true, null];
  /** All patches between the last point of the stroke and this one, since a fast finger skips some. */
  const touch = (at) => {
    const steps = Math.ceil(4 * GRID * Math.max(...at.map((end, axis) => Math.abs(end - last[axis])))) || 1;
    const points = Array.from({ length: steps }, (_, i) => at.map((end, axis) => last[axis] + ((end - last[axis]) * (i + 1)) / steps));
    const patches = points.map(under).filter((one) => one >= 0);
    last = at;
    if (!patches.length) return;
    place = patches[patches.length - 1];
    set(patches, hiding);
  };
  follow(board.canvas, {
    down: (at) => {
      before = hidden;
      last = at;
      hiding = !hidden.includes(under(at));
      touch(at);
    },
    move: touch,
    up: (_, kept) => { if (!kept) { hidden = before; tell(); } }, // it was the first finger of a pinch
  });
  for (const change of ["focus", "blur"]) board.canvas.addEventListener(change, () => board.redraw());
  const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  board.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const step = ARROWS[event.key];
    if (step) {
      const [row, column] = [(place / GRID) | 0, place % GRID].map((at, axis) => Math.min(GRID - 1, Math.max(0, at + step[axis])));
      place = row * GRID + column;
      board.redraw();
    } else if (event.key === "Enter" || event.key === " ") set([place], !hidden.includes(place));
    else return;
    spoken.textContent = `Row ${((place / GRID) | 0) + 1}, column ${(place % GRID) + 1}, ${hidden.includes(place) ? "hidden" : "visible"}.`;
    event.preventDefault();
  });

  const node = element("div", {},
    element("p", { class: "ae-help" }, "Touch a patch to hide it or to show it, or stroke over several. The network gets the visible patches alone; interpolation makes each hidden pixel the mean of its neighbours. The errors count the hidden patches only."),
    element("div", { class: "ae-row" },
      element("div", { class: "ae-wide", style: "max-width: 17rem" }, board.canvas, spoken),
      element("div", { class: "ae-wide" }, element("div", { class: "ae-pictures" }, ours.node, even.node, truth.node), ...nodes)),
    element("div", { class: "ae-row", style: "margin-top: 0.7em; gap: 0.5em" },
      ...SHARES.map((share) => button(`Hide ${Math.round(100 * share)} %`, () => hideAtRandom(share))), button("Show all", () => { hidden = []; tell(); })),
    element("div", { class: "ae-row", style: "margin-top: 0.5em; gap: 0.5em" }, button("Previous digit", turn(-1)), button("Next digit", turn(1))));
  return {
    node,
    recolor(now) {
      colors = now;
      tell();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = fillTheHoles(config, buffer);
  return () => buildFillTheHoles(parts);
};
