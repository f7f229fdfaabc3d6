// Some hundred points that walk over hills, up the score of the blurred density, with noise or without.

const CELLS = 48; // of the background, each way
const LOWER = 0.96; // a level falls to this share of it in each step
const FRAMES = 30; // steps a second while it plays
const LONGEST = 5000; // steps of one play
const WAYS = ["stays", "falls"];

/** The logarithm of the blurred density at a place, and its gradient. */
function blurred({ centers, shares, width }, sigma, [x, y]) {
  const variance = width ** 2 + sigma ** 2;
  const parts = centers.map(([a, b], k) => Math.log(shares[k]) - ((x - a) ** 2 + (y - b) ** 2) / (2 * variance));
  const most = Math.max(...parts);
  let [sum, across, up] = [0, 0, 0];
  centers.forEach(([a, b], k) => {
    const weight = Math.exp(parts[k] - most);
    [sum, across, up] = [sum + weight, across + weight * a, up + weight * b];
  });
  const logDensity = most + Math.log(sum) - Math.log(2 * Math.PI * variance);
  return { logDensity, score: [(across / sum - x) / variance, (up / sum - y) / variance] };
}

/** One step of all points at a level; `noise` has a pair for each point, or is null. */
function walked(hills, points, noise, sigma, size) {
  return points.map((point, i) => {
    const { score } = blurred(hills, sigma, point);
    return point.map((at, axis) => at + size * score[axis] + (noise ? Math.sqrt(2 * size) * noise[i][axis] : 0));
  });
}

/** The way down without noise: as the level falls to `lower`, go the same share of the way to the denoised point. */
const lowered = (hills, points, sigma, lower) => walked(hills, points, null, sigma, (sigma - lower) * sigma);

/** How large a part of the points is nearest to each centre, and how widely they lie around it, along one axis. */
function census({ centers }, points) {
  const [counts, squares] = [centers.map(() => 0), []];
  for (const [x, y] of points) {
    const distances = centers.map(([a, b]) => (x - a) ** 2 + (y - b) ** 2);
    const nearest = distances.indexOf(Math.min(...distances));
    counts[nearest]++;
    squares.push(distances[nearest] / 2);
  }
  return { shares: counts.map((count) => count / points.length), spread: Math.sqrt(squares.reduce((a, b) => a + b, 0) / points.length) };
}

/** Points far out on all sides: noise of the highest level. */
function scattered(count, reach, seed) {
  const random = generator(seed);
  return Array.from({ length: count }, () => [reach * normal(random), reach * normal(random)]);
}

function buildWalkers({ hills, count, levels: [least, most], frame }) {
  let [colors, seed, random, points, steps, noisy, falls, played, moving] = [LIGHT, 1, null, [], 0, true, false, 0, false];
  const background = element("canvas");
  const { nodes, say } = sentence();
  const onCanvas = ([x, y], w, h) => [(w * (x + frame)) / (2 * frame), (h * (frame - y)) / (2 * frame)];
  const two = (value) => value.toFixed(2);

  let blurredAt = 0; // the level that the background shows
  let density = [];
  function survey() {
    if (blurredAt === sigma.value) return;
    blurredAt = sigma.value;
    const at = (i) => frame * ((2 * i + 1) / CELLS - 1);
    const logs = Array.from({ length: CELLS ** 2 }, (_, i) => blurred(hills, sigma.value, [at(i % CELLS), -at((i / CELLS) | 0)]).logDensity);
    const top = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    density = logs.map((value) => 0.4 * Math.max(0, 1 + (value - top) / 8));
    paint(background, density, colors);
  }

  const plane = plot({ class: "ae-plane", role: "img", style: "cursor: default", "aria-label": "Points on a plane with three hills" }, (context, w, h) => {
    context.imageSmoothingEnabled = true;
    context.drawImage(background, 0, 0, w, h);
    context.fillStyle = colors.dark ? "#6cc4ee" : "#0b6e99";
    for (const point of points) disc(context, onCanvas(point, w, h), 2);
    context.font = "600 15px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillStyle = colors.dark ? "#f0f0f0" : "#000";
    const { shares } = census(hills, points);
    hills.centers.forEach(([x, y], k) => context.fillText(two(shares[k]), ...onCanvas([x, y - 1.7], w, h)));
  });

  const rows = element("tbody");
  function tell() {
    survey();
    plane.redraw();
    const { shares, spread } = census(hills, points);
    const due = Math.hypot(hills.width, sigma.value);
    const text = `${steps === 1 ? "1 step" : `${steps} steps`}, σ = ${two(sigma.value)}. Shares of the hills ${shares.map(two).join(", ")} (of the data ${hills.shares.map(two).join(", ")}). Spread around the nearest centre ${two(spread)} (of one blurred hill ${two(due)}).`;
    say(text);
    plane.canvas.setAttribute("aria-label", `${count} points on a plane with ${shares.length} hills. ${text}`);
    rows.replaceChildren(...shares.map((share, k) => element("tr", {}, element("th", { scope: "row" }, `(${hills.centers[k].map((at) => at.toFixed(1).replace("-", "−")).join(", ")})`),
      ...[two(share), two(hills.shares[k])].map((value) => element("td", {}, value)))));
    for (const one of [single, ten, play.main]) one.disabled = landed();
  }
  const below = (level) => Math.max(least, Math.round(1e4 * LOWER * level) / 1e4);
  const landed = () => falls && !noisy && sigma.value <= least;
  function advance() {
    if (landed()) return;
    const level = sigma.value;
    const lower = falls ? below(level) : level;
    const noise = noisy ? points.map(() => [normal(random), normal(random)]) : null;
    points = falls && !noisy ? lowered(hills, points, level, lower) : walked(hills, points, noise, level, size.value * level ** 2);
    steps++;
    moving = true; // the dial is not told by the reader
    if (lower < level) sigma.set(lower);
    moving = false;
  }
  function walk(times) {
    play.stop();
    for (let i = 0; i < times; i++) advance();
    tell();
  }
  function restart() {
    play.stop();
    random = generator(1000 + seed);
    [points, steps] = [scattered(count, most, seed++), 0];
    if (falls && sigma.value < most) sigma.set(most); // which tells
    else tell();
  }

  const play = player({
    advance: () => { advance(); played++; },
    show: tell,
    more: () => played < LONGEST && !landed(),
    rate: () => FRAMES,
    begin: () => { played = 0; },
  });

  const single = button("One step", () => walk(1));
  const ten = button("Ten steps", () => walk(10));
  const changed = () => { if (!moving) tell(); };
  const sigma = dial("Noise level σ", { min: least, max: most, step: 0.05, value: 0.5, onchange: changed });
  const size = dial("Step, in σ²", { min: 0.05, max: 1, step: 0.05, value: 0.1, limits: [0.001, 1], onchange: () => {} });
  const node = element("div", {},
    element("p", { class: "ae-help" }, "The darker a place, the likelier a noisy point lies there. Each dot goes up the exact score at the level σ, by the step that you set. With noise it is a Langevin step; without, and with a step of 1 σ², it goes to the denoised point. A level that falls loses 4 % in each step. The number below a hill is its share of the dots."),
    choice("Noise", ["on", "off"], "on", (text) => { noisy = text === "on"; tell(); }),
    choice("The level", WAYS, WAYS[0], (text) => { falls = text === "falls"; if (falls) restart(); else tell(); }),
    element("div", { class: "ae-row" }, play.main, single, ten, button("Start again", restart)),
    sigma.node, size.node,
    element("div", { class: "ae-row" }, element("div", { class: "ae-wide", style: "max-width: 30rem" }, plane.canvas, ...nodes)),
    element("details", {}, element("summary", {}, "The hills, as a table"),
      element("div", { class: "ae-scroll", tabindex: 0, role: "group", "aria-label": "Table of the hills" }, element("table", {},
        element("thead", {}, element("tr", {}, ...["centre", "share of the dots", "of the data"].map((text) => element("th", { scope: "col" }, text)))), rows))));
  restart();
  return {
    node,
    recolor(now) {
      colors = now;
      paint(background, density, colors);
      plane.redraw();
    },
  };
}

const buildFigure = (config) => () => buildWalkers(config);
