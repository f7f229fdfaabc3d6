// A small autoencoder, from two numbers to one and back, that trains in the page.

// ---------------------------------------------------------------- the network, its gradient, a step

/** Linear layers with a tanh on each hidden one. They start as PyTorch's do: uniform, up to 1/√(inputs). */
function newNetwork(hidden, depth, random) {
  const half = Array(depth).fill(hidden);
  const sizes = [2, ...half, 1, ...half, 2];
  return sizes.slice(1).map((rows, i) => {
    const columns = sizes[i];
    const draw = () => (2 * random() - 1) / Math.sqrt(columns);
    const bent = i !== depth && i !== 2 * depth + 1; // neither the code nor the output
    return { rows, columns, bent, weight: Float64Array.from({ length: rows * columns }, draw), bias: Float64Array.from({ length: rows }, draw) };
  });
}

/** The values after each layer, the input first. */
function activations(layers, x) {
  const all = [x];
  for (const { rows, columns, bent, weight, bias } of layers) {
    const [before, after] = [all[all.length - 1], new Float64Array(rows)];
    for (let i = 0, at = 0; i < rows; i++) {
      let sum = bias[i];
      for (let j = 0; j < columns; j++) sum += weight[at++] * before[j];
      after[i] = bent ? Math.tanh(sum) : sum;
    }
    all.push(after);
  }
  return all;
}

const last = (list) => list[list.length - 1];
const encoded = (layers, x) => last(activations(layers.slice(0, layers.length / 2), x))[0];
const decoded = (layers, z) => last(activations(layers.slice(layers.length / 2), [z]));

const zeros = (layers) => layers.map(({ weight, bias }) => ({ weight: new Float64Array(weight.length), bias: new Float64Array(bias.length) }));

/** The mean squared error over points and coordinates, and its gradient for each weight and bias: the chain rule, backwards. */
function gradient(layers, points) {
  const slopes = zeros(layers);
  let error = 0;
  for (const x of points) {
    const all = activations(layers, x);
    let back = last(all).map((y, i) => {
      error += (y - x[i]) ** 2 / (2 * points.length);
      return (y - x[i]) / points.length; // of (y - x)² over 2 coordinates and all points
    });
    for (let l = layers.length - 1; l >= 0; l--) {
      const { rows, columns, bent, weight } = layers[l];
      const [before, after, further] = [all[l], all[l + 1], new Float64Array(columns)];
      for (let i = 0, at = 0; i < rows; i++) {
        const slope = bent ? back[i] * (1 - after[i] ** 2) : back[i];
        slopes[l].bias[i] += slope;
        for (let j = 0; j < columns; j++, at++) {
          slopes[l].weight[at] += slope * before[j];
          further[j] += slope * weight[at];
        }
      }
      back = further;
    }
  }
  return { error, slopes };
}

const newMemory = (layers) => ({ steps: 0, mean: zeros(layers), square: zeros(layers) });

/** One step of Adam (Kingma and Ba, 2015), or down the gradient as it is; returns the error before it. */
function trainStep(layers, memory, points, rate, adam = true) {
  const { error, slopes } = gradient(layers, points);
  memory.steps++;
  const [first, second] = [1 - 0.9 ** memory.steps, Math.sqrt(1 - 0.999 ** memory.steps)];
  layers.forEach((layer, l) => {
    for (const part of ["weight", "bias"]) {
      const [now, slope, mean, square] = [layer[part], slopes[l][part], memory.mean[l][part], memory.square[l][part]];
      for (let i = 0; i < now.length; i++) {
        mean[i] = 0.9 * mean[i] + 0.1 * slope[i];
        square[i] = 0.999 * square[i] + 0.001 * slope[i] ** 2;
        now[i] -= adam ? (rate * mean[i]) / first / (Math.sqrt(square[i]) / second + 1e-8) : rate * slope[i];
      }
    }
  });
  return error;
}

/** The error of the best straight line, PCA with one number: half of the smaller variance. */
function straightError(points) {
  const [mx, my] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  let [a, b, c] = [0, 0, 0];
  for (const [x, y] of points) [a, b, c] = [a + (x - mx) ** 2, b + (x - mx) * (y - my), c + (y - my) ** 2];
  return Math.max(0, (a + c - Math.hypot(a - c, 2 * b)) / (4 * points.length));
}

// ---------------------------------------------------------------- the figure

const REACH = 1.35; // the plane shows both coordinates from -REACH to REACH
const MOST = 300; // points
const LONGEST = 20000; // steps of one play
const DEPTHS = { none: 0, one: 1, two: 2 };
// the code from its lowest to its highest value: the path in the strong colour, the plane behind it in a pale one
const ENDS = { light: [[11, 95, 165], [120, 70, 140], [190, 70, 0]], dark: [[95, 180, 255], [200, 150, 220], [255, 165, 80]] };

function codeColor(t, { dark, paper }, strength) {
  const ends = dark ? ENDS.dark : ENDS.light;
  const [at, place] = t < 0.5 ? [0, 2 * t] : [1, 2 * t - 1];
  return ends[at].map((from, c) => Math.round(paper[c] + strength * (from + place * (ends[at + 1][c] - from) - paper[c])));
}

function buildTrainer({ sets, hidden, rate }) {
  let [colors, name, points, seed, depth] = [LIGHT, sets[0].name, sets[0].points.slice(), 1, 1];
  let [layers, memory, errors, began] = [null, null, [], 0];
  let cross = [0, 0];
  const { nodes, say } = sentence();
  const number = (error) => (error < 0.0001 ? "under 0.0001" : error.toFixed(4));

  const onCanvas = ([x, y], w, h) => [(w * (x + REACH)) / (2 * REACH), (h * (REACH - y)) / (2 * REACH)];
  const onPlane = ([across, down]) => [REACH * (2 * across - 1), REACH * (1 - 2 * down)];

  const plane = plot({ class: "ae-plane", tabindex: 0, role: "application", style: "touch-action: pan-y pinch-zoom",
    "aria-label": "Plane of points: arrow keys move a cross, Enter puts a point there" }, (context, w, h) => {
    const codes = points.map((point) => encoded(layers, point));
    const [low, high] = [Math.min(...codes), Math.max(...codes)];
    const share = (z) => (high > low ? Math.min(1, Math.max(0, (z - low) / (high - low))) : 0.5);
    const cells = 40;
    if (points.length) for (let row = 0; row < cells; row++)
      for (let column = 0; column < cells; column++) {
        const z = encoded(layers, onPlane([(column + 0.5) / cells, (row + 0.5) / cells]));
        context.fillStyle = `rgb(${codeColor(share(z), colors, 0.3)})`;
        context.fillRect(Math.floor((w * column) / cells), Math.floor((h * row) / cells), Math.ceil(w / cells) + 1, Math.ceil(h / cells) + 1);
      }
    const ink = `rgb(${colors.ink})`;
    context.strokeStyle = context.fillStyle = ink;
    context.lineWidth = 1;
    context.beginPath();
    points.forEach((point, i) => {
      context.moveTo(...onCanvas(point, w, h));
      context.lineTo(...onCanvas(decoded(layers, codes[i]), w, h));
    });
    context.stroke();
    for (const point of points) {
      context.beginPath();
      context.arc(...onCanvas(point, w, h), 2.5, 0, 2 * Math.PI);
      context.fill();
    }
    const places = 240;
    context.lineCap = "round";
    context.lineWidth = 3.5;
    for (let i = 0, from = null; points.length && i <= places; i++) {
      const to = onCanvas(decoded(layers, low + ((high - low) * i) / places), w, h);
      context.strokeStyle = `rgb(${codeColor(i / places, colors, 1)})`;
      context.beginPath();
      context.moveTo(...(from || to));
      context.lineTo(...to);
      context.stroke();
      from = to;
    }
    if (!plane.canvas.matches(":focus-visible")) return;
    const [x, y] = onCanvas(cross, w, h); // where a key would put a point
    context.strokeStyle = ink;
    context.lineWidth = 2;
    context.beginPath();
    for (const [dx, dy] of [[9, 0], [0, 9]]) {
      context.moveTo(x - dx, y - dy);
      context.lineTo(x + dx, y + dy);
    }
    context.stroke();
  });

  const curve = plot({ role: "img", "aria-label": "Error by step", style: "width: 100%; height: 9rem" }, (context, w, h) => {
    const [top, bottom] = [0, -4]; // powers of ten
    const height = (error) => 14 + ((h - 28) * (top - Math.min(top, Math.max(bottom, Math.log10(error))))) / (top - bottom);
    context.font = "11px system-ui, sans-serif";
    context.fillStyle = context.strokeStyle = colors.dark ? "#b8b8b8" : "#595959";
    [context.textAlign, context.textBaseline, context.lineWidth] = ["left", "middle", 1];
    for (let power = bottom; power <= top; power++) context.fillText(String(10 ** power), 4, height(10 ** power));
    context.textAlign = "right";
    if (points.length > 1) {
      const straight = height(straightError(points));
      context.setLineDash([4, 3]);
      context.beginPath();
      context.moveTo(48, straight);
      context.lineTo(w - 4, straight);
      context.stroke();
      context.setLineDash([]);
      context.fillText("straight line (PCA)", w - 6, straight - 8);
    }
    context.fillText(`step ${memory.steps}`, w - 6, h - 7);
    if (errors.length < 2) return;
    context.strokeStyle = colors.dark ? "#6cc4ee" : "#0b6e99";
    context.lineWidth = 2;
    context.beginPath();
    errors.forEach((error, i) => context.lineTo(48 + ((w - 54) * i) / (errors.length - 1), height(error)));
    context.stroke();
  });

  function show() {
    plane.redraw();
    curve.redraw();
    if (!points.length) return say("There are no points. Tap the plane to add some.");
    const { error } = gradient(layers, points);
    if (!Number.isFinite(error)) return say(`Step ${memory.steps}: the error is no longer a number. The learning rate was too large: lower it, and take a new start.`);
    say(`Step ${memory.steps}: error ${number(error)} over ${points.length} points. The best straight line (PCA) has ${number(straightError(points))}.`);
  }

  /** So many steps; the curve keeps at most a thousand places, and thins out as it grows. */
  let every = 1;
  function advance(count) {
    for (let i = 0; i < count && points.length; i++) {
      const error = trainStep(layers, memory, points, learning.value, optimizer === "Adam");
      if (memory.steps % every === 0) errors.push(error);
      if (errors.length > 1000) [errors, every] = [errors.filter((_, at) => at % 2), 2 * every];
      if (!Number.isFinite(error)) return play.stop();
    }
  }

  const slow = element("input", { type: "checkbox" });
  const play = player({
    advance: () => {
      const until = performance.now() + (slow.checked ? 0 : 8); // as many steps as fit a frame
      do advance(1); while (play.plays() && performance.now() < until);
    },
    show,
    more: () => points.length && memory.steps - began < LONGEST,
    rate: () => (slow.checked ? 2 : Infinity),
    begin: () => { began = memory.steps; },
    slow: () => slow.checked,
  });
  function renew() {
    play.stop();
    layers = newNetwork(width.value, depth, generator(seed));
    [memory, errors, every] = [newMemory(layers), [], 1];
    show();
  }

  function changed() {
    for (const one of [play.main, single, hundred]) one.disabled = !points.length;
    if (!points.length) play.stop();
    show();
  }
  function add(place) {
    if (points.length < MOST && place.every((at) => Math.abs(at) <= REACH)) points.push(place);
    changed();
  }
  let pressed = null;
  follow(plane.canvas, {
    down: (place, event) => { pressed = { place, finger: event.pointerType === "touch" }; if (!pressed.finger) add(onPlane(place)); },
    move: (place) => {
      if (pressed.finger || Math.hypot(place[0] - pressed.place[0], place[1] - pressed.place[1]) < 0.04) return;
      pressed.place = place;
      add(onPlane(place));
    },
    up: (place, kept) => { if (pressed.finger && kept) add(onPlane(pressed.place)); }, // a finger that moves scrolls the page
  });
  for (const change of ["focus", "blur"]) plane.canvas.addEventListener(change, plane.redraw);
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  plane.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter") add(cross.slice());
    else if (ARROWS[event.key]) {
      cross = cross.map((at, axis) => Math.min(1.3, Math.max(-1.3, at + 0.1 * ARROWS[event.key][axis])));
      plane.redraw();
      where.textContent = `Cross at ${cross.map((at) => at.toFixed(1).replace("-", "−")).join(", ")}.`;
    } else return;
    event.preventDefault();
  });

  const where = element("p", { class: "ae-unseen", role: "status" });
  const single = button("One step", () => { play.stop(); advance(1); show(); });
  const hundred = button("100 steps", () => { play.stop(); advance(100); show(); });
  let optimizer = "Adam";
  const learning = dial("Learning rate", { min: 0.001, max: 0.2, step: 0.001, value: rate, limits: [0, 100], onchange: () => {} });
  const width = dial("Hidden units", { min: 1, max: 32, step: 1, value: hidden, whole: true, onchange: renew });
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Each dot is a point of two numbers; the thick line is what the decoder draws as its one number runs from low (blue) to high (orange). The plane has the colour of the code that the encoder gives to each place, and a thin line joins each point to its reconstruction. Click, tap or press Enter on the plane to add points."),
    choice("Points", sets.map((one) => one.name), name, (chosen) => {
      name = chosen;
      points = sets.find((one) => one.name === chosen).points.slice();
      changed();
      renew();
    }),
    element("div", { class: "ae-row" }, play.main, single, hundred, button("New start", () => { seed++; renew(); }), button("Clear the points", () => { points = []; changed(); })),
    element("div", { class: "ae-row" },
      element("div", { class: "ae-wide" }, plane.canvas, where),
      element("div", { class: "ae-wide" }, curve.canvas, ...nodes,
        element("label", { class: "ae-tick" }, slow, "Slow motion"),
        choice("Hidden layers on each side", Object.keys(DEPTHS), "one", (chosen) => { depth = DEPTHS[chosen]; renew(); }),
        choice("Optimiser", ["Adam", "plain gradient"], optimizer, (chosen) => { optimizer = chosen; renew(); }))),
    learning.node, width.node);
  renew();
  return {
    node,
    recolor(now) {
      colors = now;
      show();
    },
  };
}

const buildFigure = (config, buffer) => {
  const sets = config.sets.map(({ name, points }) => ({ name, points: pointsOf(buffer, points) }));
  return () => buildTrainer({ ...config, sets });
};
