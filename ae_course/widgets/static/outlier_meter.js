// How badly is this picture redrawn, compared with the test digits?

function outlierMeter(config, buffer) {
  return { layers: layersOf(buffer, config.layers), errors: take(buffer, config.errors), count: config.count, threshold: config.threshold,
    digits: picturesOf(buffer, config.pictures), labels: config.labels };
}

/** The share of the sorted errors that are smaller. */
function shareBelow(sorted, error) {
  let count = 0;
  while (count < sorted.length && sorted[count] < error) count++;
  return count / sorted.length;
}

function buildOutlierMeter({ layers, errors, count, threshold, digits, labels }) {
  const most = 1.35 * threshold;
  const counts = new Array(54).fill(0);
  for (const error of errors) if (error < most) counts[Math.floor((counts.length * error) / most)]++;
  let [colors, error] = [LIGHT, 0];
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
      const left = !dash && x > w / 2;
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
    const [pixels, name] = last;
    const drawn = run(layers, pixels);
    error = meanSquaredError(pixels, drawn);
    given.show(colors, pixels, "Given", name ? `Given: ${name}` : "Given: an empty page");
    redrawn.show(colors, drawn, `Redrawn, error ${error.toFixed(4)}`);
    const verdict = error > threshold ? "Above the threshold: the alarm rings." : "Below the threshold: it passes as a digit.";
    say(`${name ? name[0].toUpperCase() + name.slice(1) : "An empty page"}: error ${error.toFixed(4)}, larger than that of ${percent(shareBelow(errors, error))} of the test digits. ${verdict}`);
    histogram.canvas.setAttribute("aria-label", `Histogram of the errors of ${count} test digits. Threshold ${threshold.toFixed(4)}. This picture: ${error.toFixed(4)}.`);
    histogram.redraw();
  }
  const pad = drawingPad(digits, labels, (...now) => { last = now; update(); });
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Draw a digit, a letter, a face. The grey bars count the test digits by their error; a picture to the right of the dashed line rings the alarm."),
    element("div", { class: "ae-row" }, pad.node,
      element("div", { class: "ae-wide" }, element("div", { class: "ae-pictures" }, given.node, redrawn.node), histogram.canvas)));
  pad.node.append(...nodes);
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
