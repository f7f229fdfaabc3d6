// A button that plays and pauses what a figure computes step by step.

/**
 * `advance()` takes a step and `show()` draws where it led; while it plays, both are called at most
 * `rate()` times a second, as long as `more()` says so. Where motion is not wanted, a picture is
 * shown every two seconds only, unless `slow()` says that the reader asked to see each step. At the
 * end, or when the reader stops it, `rest()` says where things stand. `names` are the button's.
 */
function player({ advance, show, more, rate = () => Infinity, begin = () => {}, slow = () => false, rest = show, names = ["Play", "Pause"] }) {
  let frame = 0;
  const main = button(names[0], () => (frame ? stop() : start()));
  main.classList.add("ae-main");
  function start() {
    begin();
    main.textContent = names[1];
    let [waited, shown] = [-Infinity, -Infinity];
    const tick = (now) => {
      if (!frame) return; // stopped meanwhile
      if (now - waited >= 1000 / rate()) {
        waited = now;
        advance();
        if (!stillness() || slow() || now - shown > 2000) {
          shown = now;
          show();
        }
      }
      if (!frame) return;
      if (main.isConnected && more()) frame = requestAnimationFrame(tick);
      else stop();
    };
    frame = requestAnimationFrame(tick);
  }
  function stop() {
    if (!frame) return;
    cancelAnimationFrame(frame);
    [frame, main.textContent] = [0, names[0]];
    rest();
  }
  return { main, stop, plays: () => frame !== 0 };
}
