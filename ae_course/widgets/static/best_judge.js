// A forger on a line: the best judge of its forgeries, the divergence, and what either loss tells it to do.

const PLACES = 4001; // where the integrals are summed, from −24 to 24
const BOUND = 24;
const LOSSES = ["non-saturating", "saturating"];
const FRAMES = 30; // steps a second while it plays
const LONGEST = 3000; // steps of one play
const SAMPLES = 5; // forgeries that carry an arrow
const HALF_LOG = 0.5 * Math.log(2 * Math.PI);

/** ln(1 + e^x), for any x. */
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

const logNormal = (x, mean, width) => -0.5 * ((x - mean) / width) ** 2 - Math.log(width) - HALF_LOG;

/** ln p of the real data at a place, and its slope. */
function real({ hills: { centers, shares }, width }, x) {
  const parts = centers.map((center, k) => Math.log(shares[k]) + logNormal(x, center, width));
  const most = Math.max(...parts);
  const weights = parts.map((part) => Math.exp(part - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  const middle = weights.reduce((a, weight, k) => a + weight * centers[k], 0) / sum;
  return { log: most + Math.log(sum), slope: (middle - x) / width ** 2 };
}

/** The setting, with what the integrals need of the real data. */
function surveyed(setting) {
  const step = (2 * BOUND) / (PLACES - 1);
  const places = Float64Array.from({ length: PLACES }, (_, i) => -BOUND + i * step);
  const found = Array.from(places, (x) => real(setting, x));
  return { ...setting, step, places, logs: Float64Array.from(found, ({ log }) => log), slopes: Float64Array.from(found, ({ slope }) => slope) };
}

/** At a place: the best judge's logit ln p − ln q and its slope. */
function verdict(setting, { mean, width }, x) {
  const { log, slope } = real(setting, x);
  return { logit: log - logNormal(x, mean, width), slope: slope + (x - mean) / width ** 2 };
}

/** Where a forgery is sent, by either loss: the negative gradient with respect to its place. */
const pushed = ({ logit, slope }, saturating) => sigmoid(saturating ? logit : -logit) * slope;

/** The judge's loss, the divergence, and the negative gradients of both losses with respect to mean and width. */
function assessed({ step, places, logs, slopes }, { mean, width }) {
  const pulls = LOSSES.map(() => [0, 0]);
  let loss = 0;
  for (let i = 0; i < PLACES; i++) {
    const z = (places[i] - mean) / width;
    const logQ = logNormal(places[i], mean, width);
    const logit = logs[i] - logQ;
    const slope = slopes[i] + z / width;
    const [q, d] = [step * Math.exp(logQ), sigmoid(logit)];
    loss += step * Math.exp(logs[i]) * softplus(-logit) + q * softplus(logit);
    const pushes = [q * (1 - d) * slope, q * d * slope];
    for (let which = 0; which < 2; which++) {
      pulls[which][0] += pushes[which];
      pulls[which][1] += pushes[which] * z;
    }
  }
  return { loss, divergence: Math.LN2 - loss / 2, pulls };
}

const within = (value, [least, most]) => Math.min(most, Math.max(least, value));

/** The forger after one step of gradient descent on a loss, with the best judge. */
function stepped(setting, forger, which, rate) {
  const [mean, width] = assessed(setting, forger).pulls[which];
  return { mean: within(forger.mean + rate * mean, [-setting.most, setting.most]), width: within(forger.width + rate * width, setting.widths) };
}

function buildBestJudge(setting) {
  const { reach, most, widths } = setting;
  let [colors, which, steps, played, moving] = [LIGHT, 0, 0, 0, false];
  let forger = { mean: setting.mean, width: setting.spread };
  const { nodes, say } = sentence();
  const signed = (value) => (Math.abs(value) < 0.0005 ? "0.000" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`);
  const plain = (value, digits) => value.toFixed(digits).replace("-", "−");
  const across = (x, w) => (w * (x + reach)) / (2 * reach);

  const line = plot({ class: "ae-plane", tabindex: 0, role: "slider", style: "aspect-ratio: 2 / 1", "aria-label": "The forger's mean", "aria-valuemin": -most, "aria-valuemax": most }, (context, w, h) => {
    const [ink, hill, accent, wrong] = colors.dark ? ["#f0f0f0", "#4a4f52", "#6cc4ee", "#ff9c8f"] : ["#1a1a1a", "#cfd6d9", "#0b6e99", "#a3261b"];
    const base = h - 46;
    const count = Math.max(60, Math.round(w / 2));
    const at = (i) => -reach + (2 * reach * i) / count;
    const trace = (height) => {
      context.beginPath();
      for (let i = 0; i <= count; i++) context.lineTo(across(at(i), w), base - 0.92 * base * Math.min(1.05, height(at(i))));
    };
    trace((x) => Math.exp(real(setting, x).log));
    context.lineTo(w, base);
    context.lineTo(0, base);
    context.fillStyle = hill;
    context.fill();
    context.lineWidth = 2.5;
    context.strokeStyle = accent;
    trace((x) => Math.exp(logNormal(x, forger.mean, forger.width)));
    context.stroke();
    context.setLineDash([6, 4]);
    context.strokeStyle = wrong;
    trace((x) => sigmoid(verdict(setting, forger, x).logit));
    context.stroke();
    context.setLineDash([]);
    [context.strokeStyle, context.lineWidth] = [ink, 1];
    context.beginPath();
    context.moveTo(0, base + 0.5);
    context.lineTo(w, base + 0.5);
    context.stroke();
    // forgeries, and where the chosen loss sends them
    [context.strokeStyle, context.fillStyle, context.lineWidth] = [accent, accent, 2];
    for (let i = 0; i < SAMPLES; i++) {
      const x = forger.mean + (forger.width * 2 * (2 * i - SAMPLES + 1)) / (SAMPLES - 1);
      const push = pushed(verdict(setting, forger, x), which === 1);
      const [from, to] = [across(x, w), across(x + 0.5 * Math.tanh(push), w)];
      const y = base + 12;
      disc(context, [from, y], 3);
      if (Math.abs(to - from) < 2) continue;
      const head = Math.sign(to - from) * 4;
      context.beginPath();
      context.moveTo(from, y);
      context.lineTo(to, y);
      context.moveTo(to - head, y - 4);
      context.lineTo(to, y);
      context.lineTo(to - head, y + 4);
      context.stroke();
    }
    context.font = "13px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillStyle = ink;
    for (const x of [-6, -4, -2, 0, 2, 4, 6]) context.fillText(plain(x, 0), across(x, w), h - 8);
  });

  const rows = element("tbody");
  function tell() {
    const { loss, divergence, pulls } = assessed(setting, forger);
    const [pull, other] = [pulls[which], pulls[1 - which]];
    const text = `${steps === 1 ? "1 step" : `${steps} steps`}. Mean ${plain(forger.mean, 2)}, width ${plain(forger.width, 2)}. The best judge's loss is ${loss.toFixed(3)}, so the divergence is ${divergence.toFixed(3)}. Pull on the mean ${signed(pull[0])}, on the width ${signed(pull[1])} (${LOSSES[1 - which]}: ${signed(other[0])}, ${signed(other[1])}).`;
    say(text);
    line.canvas.setAttribute("aria-valuenow", forger.mean.toFixed(2));
    line.canvas.setAttribute("aria-valuetext", text);
    rows.replaceChildren(...LOSSES.map((name, i) => element("tr", {}, element("th", { scope: "row" }, name), ...pulls[i].map((value) => element("td", {}, signed(value))))));
    line.redraw();
  }
  function put(next, count) {
    forger = next;
    steps = count;
    moving = true; // the dials are not told by the reader
    mean.set(Number(forger.mean.toFixed(2)));
    width.set(Number(forger.width.toFixed(2)));
    moving = false;
  }
  const advance = () => put(stepped(setting, forger, which, rate.value), steps + 1);
  function walk(times) {
    play.stop();
    for (let i = 0; i < times; i++) advance();
    tell();
  }
  function place(next) {
    play.stop();
    put(next, 0);
    tell();
  }

  const play = player({
    advance: () => { advance(); played++; },
    show: tell,
    more: () => played < LONGEST,
    rate: () => FRAMES,
    begin: () => { played = 0; },
  });

  const toMean = ([x]) => within((2 * x - 1) * reach, [-most, most]);
  const near = ([x]) => Math.abs(across(forger.mean, line.canvas.clientWidth) - x * line.canvas.clientWidth) <= 28;
  let drags = false;
  follow(line.canvas, {
    holds: near,
    down: (at, event) => { drags = event.pointerType === "mouse" || near(at); }, // a finger elsewhere scrolls the page, or taps
    move: (at) => { if (drags) place({ ...forger, mean: toMean(at) }); },
    up: (at, released) => { if (released) place({ ...forger, mean: toMean(at) }); },
  });
  const KEYS = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
  line.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
    const [right, up] = KEYS[event.key].map((value) => value * (event.shiftKey ? 5 : 1));
    place({ mean: within(forger.mean + right, [-most, most]), width: within(forger.width + up, widths) });
    event.preventDefault();
  });

  const mean = dial("Forger's mean", { min: -most, max: most, step: 0.05, value: forger.mean, onchange: (value) => { if (!moving) place({ ...forger, mean: value }); } });
  const width = dial("Forger's width", { min: widths[0], max: widths[1], step: 0.05, value: forger.width, onchange: (value) => { if (!moving) place({ ...forger, width: value }); } });
  const rate = dial("Step size", { min: 0.1, max: 1, step: 0.1, value: 0.3, limits: [0.01, 5], onchange: () => {} });
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Grey: the real data p. Blue line: the forger's density q. Red, dashed: the best judge p / (p + q), from 0 at the bottom to 1. Dots are forgeries, and an arrow says where the chosen loss sends one. Drag the forger, or use the arrow keys; up and down change its width."),
    choice("The forger's loss", LOSSES, LOSSES[0], (text) => { play.stop(); which = LOSSES.indexOf(text); tell(); }),
    line.canvas, ...nodes,
    element("div", { class: "ae-row", style: "margin-top: 0.7em" }, play.main, button("One step", () => walk(1)), button("Ten steps", () => walk(10)), button("Start again", () => place({ mean: setting.mean, width: setting.spread }))),
    mean.node, width.node, rate.node,
    element("details", {}, element("summary", {}, "The pulls, as a table"),
      element("div", { class: "ae-scroll", tabindex: 0, role: "group", "aria-label": "Table of the pulls" }, element("table", {},
        element("thead", {}, element("tr", {}, ...["loss", "on the mean", "on the width"].map((text) => element("th", { scope: "col" }, text)))), rows))));
  tell();
  return {
    node,
    recolor(now) {
      colors = now;
      line.redraw();
    },
  };
}

const buildFigure = (config) => {
  const setting = surveyed(config);
  return () => buildBestJudge(setting);
};
