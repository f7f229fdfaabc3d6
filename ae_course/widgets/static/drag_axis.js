// One axis through a cloud: what it keeps of the variance, and what the residuals hold.

const STEPS = 360; // angles that are told apart, from 0 to below 180 degrees

/** The cloud, and the share of its variance that the axis at an angle in degrees keeps. */
function dragAxis({ points, names }, buffer) {
  const cloud = pointsOf(buffer, points);
  const mean = (product) => cloud.reduce((sum, point) => sum + product(point), 0) / cloud.length;
  const [xx, xy, yy] = [mean(([x]) => x * x), mean(([x, y]) => x * y), mean(([, y]) => y * y)];
  const kept = (angle) => {
    const [cosine, sine] = direction(angle);
    return (xx * cosine ** 2 + 2 * xy * cosine * sine + yy * sine ** 2) / (xx + yy);
  };
  const component = turned((90 / Math.PI) * Math.atan2(2 * xy, xx - yy));
  return { cloud, names, kept, component, reach: 1.2 * Math.max(...cloud.map(([x, y]) => Math.hypot(x, y))) };
}

const turned = (angle) => ((angle % 180) + 180) % 180;
const direction = (angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
const stepOf = (angle) => Math.round((angle * STEPS) / 180) % STEPS;
const share = (value) => `${(100 * value).toFixed(1)}\u00a0%`;
const degrees = (angle) => `${Number(angle.toFixed(1))}°`;

function buildDragAxis({ cloud, names, kept, component, reach }) {
  let colors = LIGHT;
  let angle = 0; // of the two numbers, only the first is kept
  let turning = 0;
  let tried = new Uint8Array(STEPS);
  const { nodes, say } = sentence();
  const best = element("p", { class: "ae-say" });
  const paints = () => (colors.dark ? ["#f0f0f0", "#b8b8b8", "#6cc4ee", "#ff9c8f"] : ["#1a1a1a", "#595959", "#0b6e99", "#a3261b"]);

  // ------------------------------------------------------------ the cloud

  const onCanvas = ([x, y], w, h) => [w * (0.5 + x / (2 * reach)), h * (0.5 - y / (2 * reach))];
  const handle = (w, h, end) => onCanvas(direction(angle).map((part) => 0.92 * end * reach * part), w, h);
  const plane = plot({ class: "ae-plane", tabindex: 0, role: "slider", "aria-label": "Angle of the axis, in degrees", "aria-valuemin": 0, "aria-valuemax": 180 }, (context, w, h) => {
    const [ink, soft, accent, wrong] = paints();
    const line = (from, to, color, width) => {
      [context.strokeStyle, context.lineWidth] = [color, width];
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
    };
    const dot = (place, radius, color) => {
      context.fillStyle = color;
      context.beginPath();
      context.arc(...place, radius, 0, 2 * Math.PI);
      context.fill();
    };
    const [cosine, sine] = direction(angle);
    const feet = cloud.map(([x, y]) => [cosine, sine].map((part) => part * (x * cosine + y * sine)));
    line(onCanvas([-3 * reach * cosine, -3 * reach * sine], w, h), onCanvas([3 * reach * cosine, 3 * reach * sine], w, h), accent, 2);
    cloud.forEach((point, i) => line(onCanvas(point, w, h), onCanvas(feet[i], w, h), wrong, 1.2));
    for (const foot of feet) dot(onCanvas(foot, w, h), 2.2, accent);
    for (const point of cloud) dot(onCanvas(point, w, h), 3, ink);
    for (const end of [-1, 1]) {
      const place = handle(w, h, end);
      dot(place, 13, colors.dark ? "#1a1a1a" : "#fff");
      [context.strokeStyle, context.lineWidth] = [accent, 3];
      context.stroke();
    }
    context.font = "13px system-ui, sans-serif";
    context.fillStyle = soft;
    context.textAlign = "right";
    context.fillText(`${names[0]} →`, w - 6, h - 8);
    context.textAlign = "left";
    context.fillText(`↑ ${names[1]}`, 6, 16);
  });

  // ------------------------------------------------------------ error and variance kept, by angle

  const curve = plot({ role: "img", style: "width: 100%; height: 9rem; border: 0" }, (context, w, h) => {
    const [ink, soft, accent, wrong] = paints();
    const base = h - 20;
    const place = (at) => (w * at) / STEPS;
    for (let i = 0; i < STEPS; i++) {
      if (!tried[i]) continue;
      const lost = base * (1 - kept((180 * i) / STEPS));
      context.fillStyle = accent;
      const [from, to] = [Math.floor(place(i)), Math.ceil(place(i + 1))];
      context.fillRect(from, 0, to - from, base - lost);
      context.fillStyle = wrong;
      context.fillRect(from, base - lost, to - from, lost);
    }
    context.strokeStyle = soft;
    context.lineWidth = 1;
    context.strokeRect(0.5, 0.5, w - 1, base - 0.5);
    context.fillStyle = colors.dark ? "#1a1a1a" : "#fff"; // it stands on the columns
    context.fillRect(Math.min(w - 5, Math.max(0, place(stepOf(angle)) - 2)), 0, 5, base);
    context.fillStyle = ink;
    context.fillRect(Math.min(w - 3, Math.max(0, place(stepOf(angle)) - 1)), 0, 3, base);
    context.font = "13px system-ui, sans-serif";
    context.fillStyle = soft;
    for (const [text, at, align] of [["0°", 0, "left"], ["90°", w / 2, "center"], ["180°", w, "right"]]) {
      context.textAlign = align;
      context.fillText(text, at, h - 4);
    }
  });

  // ------------------------------------------------------------ the same as text

  const row = (name, color) => {
    const filled = element("span", { class: "ae-filled" });
    const number = element("span", { class: "ae-number" });
    const node = element("li", {}, element("span", { style: "flex: 0 0 7em" }, name), element("span", { class: "ae-bar", "aria-hidden": "true" }, filled), number);
    return { node, show(value, at) {
      [filled.style.width, filled.style.background, number.textContent] = [`${100 * value}%`, paints()[color], share(value)];
      filled.style.marginLeft = `${100 * at}%`;
    } };
  };
  const rows = { error: row("error", 3), kept: row("variance kept", 2) };

  function draw() {
    const error = 1 - kept(angle);
    tried[stepOf(angle)] = 1;
    rows.error.show(error, 0);
    rows.kept.show(1 - error, error);
    const found = Math.abs(turned(angle - component + 90) - 90) < 0.26 ? " This is the component: no angle leaves less." : "";
    const text = `At ${degrees(angle)} the axis keeps ${share(1 - error)} of the variance. The squared residuals hold the other ${share(error)}.${found}`;
    say(text);
    const all = Array.from(tried.keys()).filter((i) => tried[i]);
    const least = all.reduce((a, b) => (kept((180 * b) / STEPS) > kept((180 * a) / STEPS) ? b : a));
    best.textContent = `Best angle so far: ${degrees((180 * least) / STEPS)}, with an error of ${share(1 - kept((180 * least) / STEPS))}.`;
    curve.canvas.setAttribute("aria-label", `Error below, variance kept above, for the ${all.length} of ${STEPS} angles tried. ${best.textContent}`);
    plane.canvas.setAttribute("aria-valuenow", angle.toFixed(1));
    plane.canvas.setAttribute("aria-valuetext", text);
    plane.redraw();
    curve.redraw();
  }

  // ------------------------------------------------------------ turning

  /** Turn the shorter way round, and remember every angle on the way. */
  function turnTo(next) {
    const way = turned(next - angle + 90) - 90;
    const steps = Math.ceil(Math.abs(way) / (180 / STEPS));
    for (let i = 1; i < steps; i++) tried[stepOf(turned(angle + (way * i) / steps))] = 1;
    angle = turned(next);
    draw();
  }

  function jump() {
    stop();
    const [begin, way, began] = [angle, turned(component - angle + 90) - 90, performance.now()];
    if (stillness()) return turnTo(component);
    const tick = (now) => {
      const t = Math.max(0, Math.min(1, (now - began) / 900));
      turnTo(t < 1 ? begin + way * t * t * (3 - 2 * t) : component);
      turning = t < 1 && plane.canvas.isConnected ? requestAnimationFrame(tick) : 0;
    };
    turning = requestAnimationFrame(tick);
  }

  function stop() {
    cancelAnimationFrame(turning);
    turning = 0;
  }

  const towards = ([x, y]) => Math.round(2 * ((180 / Math.PI) * Math.atan2(0.5 - y, x - 0.5))) / 2;
  /** Near the axis, and far enough from its middle, where a small move would be a large turn. */
  const onAxis = (place) => {
    const [cosine, sine] = direction(angle);
    const [x, y] = [plane.canvas.clientWidth * (place[0] - 0.5), plane.canvas.clientHeight * (0.5 - place[1])];
    return Math.abs(x * sine - y * cosine) <= 28 && Math.hypot(x, y) > 40;
  };
  let drags = false;
  follow(plane.canvas, {
    holds: onAxis,
    down: (place, event) => {
      stop();
      drags = event.pointerType === "mouse" || onAxis(place); // a finger beside the axis scrolls the page
      if (drags && !onAxis(place)) turnTo(towards(place));
    },
    move: (place) => { if (drags) turnTo(towards(place)); },
    up: (place, released) => { if (!drags && released) turnTo(towards(place)); },
  });
  const KEYS = { ArrowLeft: 1, ArrowUp: 1, ArrowRight: -1, ArrowDown: -1 }; // as a mathematician turns
  plane.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
    stop();
    turnTo(angle + KEYS[event.key] * (event.shiftKey ? 10 : 1));
    event.preventDefault();
  });

  const main = button("Turn to the component", jump);
  main.classList.add("ae-main");
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Drag the axis by a ring, or use the arrow keys, and turn it. Only the place along the axis is kept of each point; the line from the point to the axis is its residual."),
    element("div", { class: "ae-row" },
      element("div", { class: "ae-wide" }, plane.canvas),
      element("div", { class: "ae-wide" },
        element("ul", { class: "ae-bars", "aria-label": "Shares of the variance" }, rows.error.node, rows.kept.node), ...nodes, best,
        element("p", { class: "ae-help", style: "margin-top: 0.6em" }, "Every angle that you try leaves a column here: the error below, the variance kept above."), curve.canvas)),
    element("div", { class: "ae-row", style: "margin-top: 0.7em" }, main,
      button("A right angle further", () => { stop(); angle = turned(angle + 90); draw(); }),
      button("Forget the columns", () => { stop(); tried = new Uint8Array(STEPS); draw(); })));
  return {
    node,
    recolor(now) {
      colors = now;
      draw();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = dragAxis(config, buffer);
  return () => buildDragAxis(parts);
};
