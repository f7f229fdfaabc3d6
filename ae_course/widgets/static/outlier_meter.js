// How badly is this picture redrawn, compared with digits that the network knows?

function outlierMeter(config, buffer) {
  const pictures = config.strangers ? picturesOf(buffer, config.strangers) : [];
  return { layers: layersOf(buffer, config.layers), errors: take(buffer, config.errors), count: config.count, share: config.share,
    digits: picturesOf(buffer, config.pictures), labels: config.labels, strangers: config.names.map((name, i) => [name, pictures[i]]) };
}

/** The share of the sorted errors that are smaller. */
function shareBelow(sorted, error) {
  let count = 0;
  while (count < sorted.length && sorted[count] < error) count++;
  return count / sorted.length;
}

/** The smallest of the sorted errors that at most this share of them exceeds. */
const thresholdFor = (sorted, share) => sorted[sorted.length - 1 - Math.floor(share * sorted.length + 1e-9)];

function buildOutlierMeter({ layers, errors, count, share, digits, labels, strangers }) {
  const most = 1.35 * thresholdFor(errors, Math.min(share, 0.01));
  const counts = new Array(54).fill(0);
  for (const error of errors) if (error < most) counts[Math.floor((counts.length * error) / most)]++;
  let [colors, error, threshold] = [LIGHT, 0, thresholdFor(errors, share)];
  const given = picture("Given");
  const redrawn = picture("Redrawn");
  const { nodes, say } = sentence();

  const histogram = plot({ role: "img", style: "width: 100%; height: 11rem; border: 0" }, (context, w, h) => {
    const [text, soft, accent, wrong] = colors.dark ? ["#f0f0f0", "#8c8c8c", "#6cc4ee", "#ff9c8f"] : ["#1a1a1a", "#767676", "#0b6e99", "#a3261b"];
    const [base, tallest] = [h - 22, Math.max(...counts)];
    context.font = "13px system-ui, sans-serif";
    context.fillStyle = soft;
    counts.forEach((many, i) => context.fillRect((w * i) / counts.length, base - ((base - 20) * many) / tallest, w / counts.length - 1, ((base - 20) * many) / tallest));
    const label = (value, words, color, y, dash) => {
      const x = (w * Math.min(value, most)) / most;
      const left = x > w / (dash ? 1.4 : 2);
      context.strokeStyle = context.fillStyle = color;
      context.lineWidth = dash ? 2 : 3;
      context.setLineDash(dash ? [6, 4] : []);
      context.beginPath();
      context.moveTo(x, y + 4);
      context.lineTo(x, base);
      context.stroke();
      context.textAlign = left ? "right" : "left";
      context.fillText(words, x + (left ? -5 : 5), y + 14);
    };
    label(threshold, "threshold", wrong, 18, true);
    label(error, error > most ? "this picture: off the scale" : "this picture", accent, 0, false);
    context.fillStyle = text;
    context.textAlign = "left";
    context.fillText("0", 0, h - 6);
    context.textAlign = "right";
    context.fillText(`error ${most.toFixed(3)}`, w, h - 6);
  });

  let last = [new Float32Array(SIDE * SIDE), ""];
  function update() {
    const [page, name] = last;
    const pixels = page.map((ink) => (ink * faded.value) / 100);
    const drawn = run(layers, pixels);
    error = meanSquaredError(pixels, drawn);
    const called = (name || "an empty page") + (faded.value < 100 ? `, with ${faded.value} % of its ink` : "");
    given.show(colors, pixels, "Given", `Given: ${called}`);
    redrawn.show(colors, drawn, `Redrawn, error ${error.toFixed(4)}`);
    const verdict = error > threshold ? "Above the threshold: the alarm rings." : "Not above the threshold: it passes as a digit.";
    say(`${called[0].toUpperCase() + called.slice(1)}: error ${error.toFixed(4)}, larger than that of ${percent(shareBelow(errors, error))} of the known digits. ${verdict}`);
    histogram.canvas.setAttribute("aria-label", `Histogram of the errors of ${count} known digits. Threshold ${threshold.toFixed(4)}. This picture: ${error.toFixed(4)}.`);
    histogram.redraw();
  }
  const faded = dial("Ink left, in %", { min: 5, max: 100, step: 1, value: 100, onchange: () => update() });
  const accepted = dial("False alarms, in %", { min: 0.1, max: 20, step: 0.1, value: 100 * share, onchange: (value) => {
    threshold = thresholdFor(errors, value / 100);
    update();
  } });
  const pad = drawingPad(digits, labels, (...now) => { last = now; update(); });
  const others = strangers.map(([name, pixels]) => button(name, () => pad.show(pixels, name)));
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Draw a digit, a letter, a face. The grey bars count known digits by their error; a picture to the right of the dashed line rings the alarm."),
    element("div", { class: "ae-row" }, pad.node,
      element("div", { class: "ae-wide" }, element("div", { class: "ae-pictures" }, given.node, redrawn.node), histogram.canvas, faded.node, accepted.node)));
  if (others.length) node.append(element("div", { class: "ae-row", role: "group", "aria-label": "Other pictures to try", style: "gap: 0.5em" }, ...others));
  node.append(...nodes);
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
  const parts = outlierMeter(config, buffer);
  return () => buildOutlierMeter(parts);
};
