// A point on a plane, and where a denoiser sends it, again and again.

const CELLS = 48; // of the background, each way
const ACROSS = 15; // arrows
const LONGEST = 60; // steps of a path
const WAYS = ["the network", "the best possible"];

/** If each of the points is equally likely, and noise of level sigma has led to a place: how likely is
 *  the place (the logarithm, up to a constant), where was it on average before, how far is the nearest point? */
function origins(points, sigma, [x, y]) {
  const costs = points.map(([a, b]) => ((x - a) ** 2 + (y - b) ** 2) / (2 * sigma ** 2));
  const least = costs.reduce((a, b) => Math.min(a, b), Infinity);
  let [sum, across, up] = [0, 0, 0];
  points.forEach(([a, b], i) => {
    const weight = Math.exp(least - costs[i]);
    [sum, across, up] = [sum + weight, across + weight * a, up + weight * b];
  });
  return { logDensity: Math.log(sum) - least, mean: [across / sum, up / sum], distance: sigma * Math.sqrt(2 * least) };
}

function dropAPoint(config, buffer) {
  const flat = take(buffer, config.points);
  const points = Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
  const models = config.models.map(({ sigma, layers }) => ({ sigma, layers: layersOf(buffer, layers) }));
  return { points, models, frame: config.frame, first: config.start };
}

/** Where a denoiser sends a place. */
function denoised({ sigma, layers }, way, points, place) {
  return way === WAYS[0] ? Array.from(run(layers, place)) : origins(points, sigma, place).mean;
}

function buildDropAPoint({ points, models, frame, first }) {
  let [colors, model, way, path, seed] = [LIGHT, models[0], WAYS[0], [first], 1];
  const [[left, right], [low, high]] = frame;
  const background = element("canvas");
  const { nodes, say } = sentence();
  const onCanvas = ([x, y], w, h) => [(w * (x - left)) / (right - left), (h * (high - y)) / (high - low)];
  const within = (value, from, to) => Math.min(to, Math.max(from, value));
  const placeAt = ([across, down]) => [within(left + across * (right - left), left, right), within(high - down * (high - low), low, high)];
  const last = () => path[path.length - 1];
  const number = (value) => value.toFixed(2).replace("-", "−");
  const named = ([x, y]) => `(${number(x)}, ${number(y)})`;
  const send = (place) => denoised(model, way, points, place);
  const step = ([a, b], [c, d]) => Math.hypot(c - a, d - b);

  let [density, arrows] = [[], []]; // of the present model
  function survey() {
    const middles = (count) => Array.from({ length: count ** 2 }, (_, i) =>
      placeAt([((i % count) + 0.5) / count, (((i / count) | 0) + 0.5) / count]));
    const logs = middles(CELLS).map((place) => origins(points, model.sigma, place).logDensity);
    const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    density = logs.map((value) => 0.4 * Math.max(0, 1 + (value - most) / 8));
    arrows = middles(ACROSS).map((from) => [from, send(from)]);
    paint(background, density, colors);
  }

  const plane = plot({ class: "ae-plane", tabindex: 0, role: "slider", "aria-label": "Plane to drop a point on", "aria-roledescription": "two-dimensional slider",
    "aria-description": "Arrow keys move the point, Enter denoises it once", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 50 }, (context, w, h) => {
    const [accent, wrong, text] = colors.dark ? ["#6cc4ee", "#ff9c8f", "#f0f0f0"] : ["#0b6e99", "#a3261b", "#000"];
    context.imageSmoothingEnabled = true;
    context.drawImage(background, 0, 0, w, h);
    context.fillStyle = text;
    for (const point of points) context.fillRect(...onCanvas(point, w, h).map((at) => at - 0.75), 1.5, 1.5);
    context.strokeStyle = accent;
    context.lineWidth = 1.5;
    const room = (0.85 * w) / ACROSS;
    for (const [from, to] of arrows) {
      const [[x, y], [u, v]] = [onCanvas(from, w, h), onCanvas(to, w, h)];
      const length = Math.hypot(u - x, v - y);
      const shown = Math.min(1, room / length); // long ones are cut, so that none meets the next
      if (length > 1) arrow(context, x, y, x + shown * (u - x), y + shown * (v - y));
    }
    context.strokeStyle = context.fillStyle = wrong;
    context.lineWidth = 2.5;
    context.beginPath();
    path.forEach((place, i) => context[i ? "lineTo" : "moveTo"](...onCanvas(place, w, h)));
    context.stroke();
    for (const place of path) disc(context, onCanvas(place, w, h), 3.5);
    context.lineWidth = 3;
    context.beginPath();
    context.arc(...onCanvas(path[0], w, h), 10, 0, 2 * Math.PI);
    context.stroke();
  });

  function arrow(context, x, y, u, v) {
    const [angle, head] = [Math.atan2(v - y, u - x), Math.min(5, 0.6 * Math.hypot(u - x, v - y))];
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(u, v);
    for (const turn of [2.6, -2.6]) {
      context.moveTo(u, v);
      context.lineTo(u + head * Math.cos(angle + turn), v + head * Math.sin(angle + turn));
    }
    context.stroke();
  }

  const rows = element("tbody");
  function tell() {
    plane.redraw();
    const far = (place) => origins(points, model.sigma, place).distance.toFixed(2);
    const steps = path.length - 1;
    const text = steps === 0
      ? `Dropped at ${named(path[0])}, ${far(path[0])} from the curve. One step of ${way} moves it by ${step(last(), send(last())).toFixed(2)}.`
      : `${steps === 1 ? "One step" : `${steps} steps`} of ${way}: from ${named(path[0])} to ${named(last())}, now ${far(last())} from the curve. The last step was ${step(path[steps - 1], last()).toFixed(2)} long.`;
    say(text);
    plane.canvas.setAttribute("aria-valuenow", Math.round((100 * within(path[0][0] - left, 0, right - left)) / (right - left)));
    plane.canvas.setAttribute("aria-valuetext", text);
    rows.replaceChildren(...path.map((place, i) => element("tr", {}, element("th", { scope: "row" }, i),
      ...[number(place[0]), number(place[1]), far(place)].map((value) => element("td", {}, value)))));
    more.disabled = ten.disabled = steps >= LONGEST;
    back.disabled = steps === 0;
  }
  function drop(place) {
    path = [place];
    tell();
  }
  function walk(count) {
    for (let i = 0; i < count && path.length <= LONGEST; i++) path.push(send(last()));
    tell();
  }
  function noisy() {
    const random = generator(seed++);
    const from = points[Math.floor(points.length * random())];
    drop(from.map((value, axis) => within(value + model.sigma * normal(random), frame[axis][0], frame[axis][1])));
  }
  function changed() {
    path = [path[0]];
    survey();
    tell();
  }

  const nearRing = (place) => {
    const [w, h] = [plane.canvas.clientWidth, plane.canvas.clientHeight];
    return [path[0], last()].some((one) => Math.hypot(...onCanvas(one, w, h).map((at, axis) => at - place[axis] * (axis ? h : w))) <= 28);
  };
  let drags = false;
  follow(plane.canvas, {
    holds: nearRing,
    down: (place, event) => {
      drags = event.pointerType !== "touch" || nearRing(place); // a finger beside the ring scrolls the page, or taps
      if (drags) drop(placeAt(place));
    },
    move: (place) => { if (drags) drop(placeAt(place)); },
    up: (place, kept) => { if (kept && !drags) drop(placeAt(place)); },
  });
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  plane.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter") walk(1);
    else if (MOVES[event.key]) {
      const part = (event.shiftKey ? 0.1 : 0.02) * (right - left);
      drop(path[0].map((value, axis) => within(value + part * MOVES[event.key][axis], frame[axis][0], frame[axis][1])));
    } else return;
    event.preventDefault();
  });

  const more = button("Denoise", () => walk(1));
  more.classList.add("ae-main");
  const ten = button("Ten times", () => walk(10));
  const back = button("Back to where it was", () => drop(path[0]));
  const levels = models.map(({ sigma }) => String(sigma));
  const heads = ["step", "x₁", "x₂", "from the curve"].map((text) => element("th", { scope: "col" }, text));
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Drop a point anywhere: click, tap, drag its ring, or use the arrow keys. Then denoise it, as often as you like. The darker the place, the likelier a noisy point lies there; arrows longer than their room are cut short."),
    models.length > 1 ? choice("Noise σ", levels, levels[0], (text) => { model = models[levels.indexOf(text)]; changed(); }) : "",
    choice("Arrows of", WAYS, way, (text) => { way = text; changed(); }),
    element("div", { class: "ae-row" }, more, ten, back, button("A noisy point of the curve", noisy)),
    element("div", { class: "ae-row" }, element("div", { class: "ae-wide", style: "max-width: 30rem" }, plane.canvas, ...nodes)),
    element("details", {}, element("summary", {}, "The path, as a table"),
      element("div", { class: "ae-scroll", tabindex: 0, role: "group", "aria-label": "Table of the path" }, element("table", {}, element("thead", {}, element("tr", {}, ...heads)), rows))));
  survey();
  walk(3);
  return {
    node,
    recolor(now) {
      colors = now;
      paint(background, density, colors);
      tell();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = dropAPoint(config, buffer);
  return () => buildDropAPoint(parts);
};
