// A digit under noise, and what each model made of it: pictures that the models drew beforehand.

function noiseSlider(config, buffer) {
  const { names, labels, levels, curves } = config;
  return { names, labels, levels, curves, clean: picturesOf(buffer, config.clean),
    pictures: picturesOf(buffer, config.pictures), errors: take(buffer, config.errors) };
}

const rounded = (error) => error.toFixed(error < 0.0995 ? 4 : 3);

/** The powers of ten from low to high. */
function powersOfTen(low, high) {
  const powers = [];
  for (let power = Math.ceil(Math.log10(low) - 1e-9); 10 ** power <= high * 1.0001; power++) powers.push(power);
  return powers;
}

function buildNoiseSlider({ names, labels, levels, curves, clean, pictures, errors }) {
  let [colors, digit, level, chosen] = [LIGHT, 0, 0, names.length - 1];
  const given = picture("Clean");
  const drawn = ["With noise", ...names].map(picture);
  const place = (which) => (digit * levels.length + level) * drawn.length + which;
  const { nodes, say } = sentence();
  const heights = curves.flatMap((curve) => curve.map(([, error]) => error));
  const high = 1.5 * Math.max(...heights, ...errors);
  const low = Math.max(high / 2000, Math.min(...heights.filter((error) => error > 0)) / 1.5);

  const chart = plot({ role: "img", style: "width: 100%; height: 13rem; border: 0" }, (context, w, h) => {
    const [text, soft, accent] = colors.dark ? ["#f0f0f0", "#8c8c8c", "#6cc4ee"] : ["#1a1a1a", "#767676", "#0b6e99"];
    const [left, base] = [46, h - 24];
    const x = (sigma) => left + ((w - left - 10) * sigma) / levels[levels.length - 1];
    const y = (error) => base - ((base - 8) * Math.log(Math.max(low, error) / low)) / Math.log(high / low);
    const line = (points, color, width, dash = []) => {
      context.strokeStyle = color;
      context.lineWidth = width;
      context.setLineDash(dash);
      context.beginPath();
      for (const [sigma, error] of points) context.lineTo(x(sigma), y(error));
      context.stroke();
      context.setLineDash([]);
    };
    context.font = "13px system-ui, sans-serif";
    context.fillStyle = text;
    context.textAlign = "right";
    for (const power of powersOfTen(low, high)) {
      context.fillText(String(10 ** power), left - 6, y(10 ** power) + 4);
      line([[0, 10 ** power], [levels[levels.length - 1], 10 ** power]], soft, 0.4);
    }
    context.textAlign = "left";
    context.fillText("0", left, h - 6);
    context.textAlign = "right";
    context.fillText(`noise σ = ${levels[levels.length - 1]}`, w - 10, h - 6);
    curves.forEach((curve) => line(curve, soft, 1));
    line(levels.map((sigma) => [sigma, sigma ** 2]), soft, 1.5, [5, 4]);
    line(curves[chosen], accent, 3);
    context.fillStyle = accent;
    context.beginPath();
    context.arc(x(levels[level]), y(errors[place(1 + chosen)]), 6, 0, 2 * Math.PI);
    context.fill();
  });
  const caption = element("p", { class: "ae-help", style: "margin: 0.3em 0 0" });

  function update() {
    const [sigma, what] = [levels[level], withArticle(labels[digit])];
    const now = drawn.map((_, which) => errors[place(which)]);
    given.show(colors, clean[digit], "Clean", `${what}, before the noise`);
    drawn.forEach((one, which) => {
      const name = which ? names[which - 1] : "With noise";
      one.show(colors, pictures[place(which)], `${name}: ${rounded(now[which])}`,
        `${which ? `Redrawn by the model ${name}` : "With noise"}, mean squared error to the clean picture ${rounded(now[which])}`);
    });
    const best = 1 + now.slice(1).indexOf(Math.min(...now.slice(1)));
    say(`${what[0].toUpperCase()}${what.slice(1)} under noise of ${sigma}. Nearest to the clean picture: ${names[best - 1]}, error ${rounded(now[best])}. The noisy picture itself: ${rounded(now[0])}.`);
    caption.textContent = `Thick line: error of ${names[chosen]} over all test digits; dot: this digit. Thin lines: the other models; dashed: the noisy picture itself.`;
    chart.canvas.setAttribute("aria-label", `Error against noise on a logarithmic scale. Under noise of ${sigma} this digit, redrawn by the model ${names[chosen]}, has ${rounded(now[1 + chosen])}.`);
    chart.redraw();
  }
  const turn = (by) => () => { digit = (digit + by + labels.length) % labels.length; update(); };
  const nearest = (value) => levels.reduce((best, sigma, i) => (Math.abs(sigma - value) < Math.abs(levels[best] - value) ? i : best), 0);
  const last = levels[levels.length - 1];
  const amount = dial("Noise σ", { min: 0, max: last, step: levels[1] - levels[0], value: levels[Math.floor(levels.length / 2)], onchange: (value) => { level = nearest(value); update(); } });
  level = nearest(amount.value);
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Move the noise, and compare the pictures; the number below each is its error to the clean picture."),
    element("div", { class: "ae-pictures" }, given.node, ...drawn.map((one) => one.node)), ...nodes,
    amount.node,
    element("div", { class: "ae-row" }, button("Previous digit", turn(-1)), button("Next digit", turn(1))),
    choice("Curve of", names, names[chosen], (name) => { chosen = names.indexOf(name); update(); }),
    chart.canvas, caption);
  return {
    node,
    recolor(now) {
      colors = now;
      update();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = noiseSlider(config, buffer);
  return () => buildNoiseSlider(parts);
};
