// The plane of two-number codes: a point on it, and what the decoder draws there.

function latentExplorer(config, buffer) {
  const models = config.models.map(({ name, codes, decoder }) => {
    const points = pointsOf(buffer, codes);
    return { name, points, decoder: layersOf(buffer, decoder), frame: frameOf(points) };
  });
  return { models, digits: picturesOf(buffer, config.pictures), labels: config.labels };
}

/** [low, high] in both directions, with a margin of a twelfth; a class far out must not crush the rest. */
function frameOf(points) {
  return [0, 1].map((axis) => {
    const sorted = points.map((point) => point[axis]).sort((a, b) => a - b);
    const [low, high] = [sorted[Math.floor(0.02 * sorted.length)], sorted[Math.ceil(0.98 * sorted.length) - 1]];
    const margin = (high - low || 1) / 12;
    return [low - margin, high + margin];
  });
}

/** The digit nearest to the middle of its class, for the first two classes: both are drawn clearly, away from the edge. */
function twoDigits({ points, frame }, labels) {
  return [...new Set(labels)].sort((a, b) => a - b).slice(0, 2).map((label) => {
    const codes = points.filter((_, i) => labels[i] === label);
    const middle = [0, 1].map((axis) => codes.reduce((sum, code) => sum + code[axis], 0) / codes.length);
    return points.indexOf(codes[neighbours(codes, middle, frame, 1)[0]]);
  });
}

/** The indices of the points nearest to (x, y), nearest first, where both directions count by the frame's size. */
function neighbours(points, [x, y], frame, count) {
  const [width, height] = frame.map(([low, high]) => high - low);
  return points
    .map((point, i) => [((point[0] - x) / width) ** 2 + ((point[1] - y) / height) ** 2, i])
    .sort(([a], [b]) => a - b)
    .slice(0, count)
    .map(([, i]) => i);
}

const COUNTS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/** "Of the ten nearest test digits, six are 4s, three are 9s and one is a 7.": which classes share a place. */
function company(labels) {
  const counts = new Map();
  for (const label of labels) counts.set(label, (counts.get(label) || 0) + 1);
  const parts = [...counts].sort(([a, m], [b, n]) => n - m || a - b).map(([label, n]) =>
    n === 1 ? `one is ${withArticle(label)}` : `${COUNTS[n]} are ${label}s`);
  const last = parts.pop();
  const all = parts.length ? `${parts.join(", ")} and ${last}` : last.replace(/^ten/, "all");
  return `Of the ${COUNTS[labels.length]} nearest test digits, ${all}.`;
}

const CLASS_COLORS = {  // each 4.5 to 1 against its paper; the numerals tell apart whoever cannot see the hues
  light: ["#0b5fa5", "#b34700", "#00734d", "#b0126f", "#5b3fc4", "#7a4a1e", "#00707f", "#4d4d4d", "#6f6600", "#c62828"],
  dark: ["#6cb6ff", "#ffa657", "#3ddc97", "#ff7ac6", "#b8a1ff", "#d9a877", "#4dd0e1", "#d0d0d0", "#e6df5a", "#ff7b72"],
};

function buildLatentExplorer({ models, digits, labels }) {
  const pictures = { here: picture("Drawn at the ring"), digit: picture("Chosen digit"), redrawn: picture("Redrawn") };
  let colors = LIGHT;
  let model = models[models.length - 1];
  let [from, to] = twoDigits(model, labels);
  let point = model.points[to];
  let playing = 0;

  const canvasOf = ([x, y], w, h) => model.frame.map(([low, high], axis) =>
    axis ? (h * (high - y)) / (high - low) : (w * (x - low)) / (high - low));
  const inPlane = (w, h) => canvasOf(point, w, h).map((at, axis) => Math.min(axis ? h : w, Math.max(0, at))); // a digit far out shows at the edge
  const codeAt = ([across, down]) => model.frame.map(([low, high], axis) =>
    low + Math.min(1, Math.max(0, axis ? 1 - down : across)) * (high - low));

  const plane = plot({ class: "ae-plane", tabindex: 0, role: "slider", "aria-label": "Plane of codes", "aria-roledescription": "two-dimensional slider",
    "aria-description": "Arrow keys move the ring, Enter chooses the nearest test digit",
    "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 50 }, (context, w, h) => {
    const palette = colors.dark ? CLASS_COLORS.dark : CLASS_COLORS.light;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = "600 11px system-ui, sans-serif";
    model.points.forEach((code, i) => {
      context.fillStyle = palette[labels[i] % palette.length];
      context.fillText(labels[i], ...canvasOf(code, w, h));
    });
    context.strokeStyle = colors.dark ? "#f0f0f0" : "#000";
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(...canvasOf(model.points[from], w, h));
    context.lineTo(...canvasOf(model.points[to], w, h));
    context.stroke();
    context.setLineDash([]);
    for (const i of [from, to]) ring(context, canvasOf(model.points[i], w, h), 9);
    const [x, y] = inPlane(w, h);
    ring(context, [x, y], 13, 3);
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 8 * dx, y + 8 * dy);
      context.lineTo(x + 19 * dx, y + 19 * dy);
    }
    context.stroke();
  });

  function ring(context, [x, y], radius, width = 1.5) {
    context.lineWidth = width;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
  }

  const say = element("p", { class: "ae-say ae-tall" });
  const announce = element("p", { class: "ae-unseen", role: "status" }); // not every step of a drag is worth a word
  const along = element("input", { type: "range", min: 0, max: 100, step: 1, value: 100, "aria-label": "Move along the path", oninput: () => { stop(); walk(); } });
  const play = button("Play the path", () => (playing ? stop() : walkAll()));
  play.classList.add("ae-main");
  const number = (value) => value.toFixed(2).replace("-", "−");

  function draw() {
    plane.redraw();
    const near = neighbours(model.points, point, model.frame, Math.min(10, labels.length)).map((i) => labels[i]);
    const place = `${number(point[0])}, ${number(point[1])}`;
    pictures.here.show(colors, run(model.decoder, point), "Drawn at the ring", `What the ${model.name} decoder draws at ${place}`);
    const text = `At (${place}) the nearest test digit is ${withArticle(near[0])}. ${company(near)}`;
    say.textContent = text;
    const [low, high] = model.frame[0];
    plane.canvas.setAttribute("aria-valuenow", Math.min(100, Math.max(0, Math.round((100 * (point[0] - low)) / (high - low)))));
    plane.canvas.setAttribute("aria-valuetext", text);
  }

  function showDigit() {
    const [image, redrawn] = [digits[to], run(model.decoder, model.points[to])];
    const error = meanSquaredError(image, redrawn).toFixed(3);
    pictures.digit.show(colors, image, `Chosen digit: ${withArticle(labels[to])}`);
    pictures.redrawn.show(colors, redrawn, `That ${labels[to]}, redrawn: error ${error}`, `The ${labels[to]}, redrawn from its two numbers by ${model.name}, with a mean squared error of ${error}`);
    play.textContent = playing ? "Stop" : `Play the path from the ${labels[from]} to the ${labels[to]}`;
  }

  function select(i) {
    stop();
    if (i !== to) [from, to] = [to, i];
    atEnd();
    showDigit();
    draw();
    announce.textContent = `Test digit ${to + 1} of ${labels.length}, ${withArticle(labels[to])}. ${pictures.redrawn.node.textContent}.`;
  }

  function walk() {
    const t = along.value / 100;
    point = model.points[from].map((begin, axis) => (1 - t) * begin + t * model.points[to][axis]);
    sayWay();
    draw();
  }

  function atEnd() {
    [point, along.value] = [model.points[to], 100];
    sayWay();
  }

  const sayWay = () => along.setAttribute("aria-valuetext", `${along.value} % of the way from the ${labels[from]} to the ${labels[to]}`);

  function walkAll() {
    const began = performance.now();
    // where motion is not wanted: nine places, each long enough to be looked at
    const place = stillness() ? (t) => Math.floor(9 * t) / 8 : (t) => t;
    const tick = (now) => {
      const t = Math.max(0, Math.min(1, (now - began) / (stillness() ? 9000 : 3000)));
      along.value = 100 * Math.min(1, place(t));
      walk();
      if (t < 1 && plane.canvas.isConnected) playing = requestAnimationFrame(tick);
      else stop();
    };
    playing = requestAnimationFrame(tick);
    showDigit();
  }

  function stop() {
    if (!playing) return;
    cancelAnimationFrame(playing);
    playing = 0;
    showDigit();
    draw();
  }

  function onRing(place) {
    const [w, h] = [plane.canvas.clientWidth, plane.canvas.clientHeight];
    const [x, y] = inPlane(w, h);
    return Math.hypot(x - place[0] * w, y - place[1] * h) <= 28;
  }

  let pressed = null;
  follow(plane.canvas, {
    holds: onRing,
    down: (place, event) => {
      stop();
      const mouse = event.pointerType === "mouse";
      pressed = { place, far: false, reach: mouse ? 9 : 18, drags: mouse || onRing(place) };
    },
    move: (place) => {
      if (!pressed.drags) return; // a finger beside the ring scrolls the page, or taps
      const size = plane.canvas.clientWidth;
      pressed.far ||= Math.hypot(place[0] - pressed.place[0], place[1] - pressed.place[1]) * size > 5;
      if (pressed.far) { point = codeAt(place); draw(); }
    },
    up: (place, released) => {
      if (pressed.far || !released) return;
      const [w, h] = [plane.canvas.clientWidth, plane.canvas.clientHeight];
      const near = neighbours(model.points, codeAt(place), model.frame, 1)[0];
      const [x, y] = canvasOf(model.points[near], w, h);
      if (Math.hypot(x - place[0] * w, y - place[1] * h) <= pressed.reach) return select(near);
      point = codeAt(place);
      draw();
    },
  });
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  plane.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter") select(neighbours(model.points, point, model.frame, 1)[0]);
    else if (ARROWS[event.key]) {
      stop();
      const part = event.shiftKey ? 0.1 : 0.02;
      point = model.frame.map(([low, high], axis) => Math.min(high, Math.max(low, point[axis] + part * ARROWS[event.key][axis] * (high - low))));
      draw();
    } else return;
    event.preventDefault();
  });

  const rows = element("tbody");
  function tabulate() {
    rows.replaceChildren(...[...new Set(labels)].sort((a, b) => a - b).map((label) => {
      const codes = model.points.filter((_, i) => labels[i] === label);
      const middle = [0, 1].map((axis) => codes.reduce((sum, code) => sum + code[axis], 0) / codes.length);
      const spread = [0, 1].map((axis) => Math.sqrt(codes.reduce((sum, code) => sum + (code[axis] - middle[axis]) ** 2, 0) / codes.length));
      return element("tr", {}, element("th", { scope: "row" }, label), ...[codes.length, number(middle[0]), number(middle[1]), number(spread[0]), number(spread[1])].map((value) => element("td", {}, value)));
    }));
  }
  function switchTo(name) {
    stop();
    model = models.find((one) => one.name === name);
    atEnd();
    tabulate();
    showDigit();
    draw();
  }
  atEnd();
  tabulate();
  const heads = ["digit", "how many", "mean z₁", "mean z₂", "spread z₁", "spread z₂"].map((text) => element("th", { scope: "col" }, text));
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Each numeral is a test digit, at the place of its two numbers. Drag the ring, or use the arrow keys: the decoder draws any place. Tap a numeral to choose it; the last two chosen are the ends of the path."),
    models.length > 1 ? choice("Decoder", models.map(({ name }) => name), model.name, switchTo) : "",
    element("div", { class: "ae-row" }, play, button("Previous digit", () => select((to + labels.length - 1) % labels.length)), button("Next digit", () => select((to + 1) % labels.length))),
    element("div", { class: "ae-row" },
      element("div", { class: "ae-wide" }, plane.canvas, say, announce),
      element("div", { class: "ae-pictures ae-first-large" }, ...Object.values(pictures).map(({ node }) => node))),
    element("div", { class: "ae-dial" }, element("span", { class: "ae-name", "aria-hidden": "true" }, "Move along the path"), along),
    element("details", {}, element("summary", {}, "Where the classes lie, as a table"),
      element("div", { class: "ae-scroll", tabindex: 0, role: "group", "aria-label": "Table of classes" }, element("table", {}, element("thead", {}, element("tr", {}, ...heads)), rows))));
  return {
    node,
    recolor(now) {
      colors = now;
      showDigit();
      draw();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = latentExplorer(config, buffer);
  return () => buildLatentExplorer(parts);
};
