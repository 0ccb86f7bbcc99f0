/*
 * Runs in every frame of the window, before anything else there. In the inspector's page it notes when the first rows
 * were shown, and measures frames and input on demand. Times are milliseconds since 1970, so that frames and Node agree.
 */
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const rowSelector = ".cell.module:not([role=columnheader])";
  const state = { pageAt: undefined, firstRowsAt: undefined };

  /* VS Code writes the page's document into a frame that is there already, which ends listeners and frames but no timers. */
  const watchStart = () => {
    if (state.pageAt === undefined && document.querySelector("#inspector") !== null) state.pageAt = now();
    if (document.querySelector(rowSelector) === null) return;
    clearInterval(watching);
    afterPaint(() => (state.firstRowsAt = now()));
  };
  const watching = setInterval(watchStart, 4);

  /* A message is handled after the frame that was being prepared is on its way to the screen. */
  const afterPaint = action => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = action;
      port2.postMessage(undefined);
    });
  };

  let frames = [];
  let lastFrame;
  let measuring = false;
  const nextFrame = time => {
    if (!measuring) return;
    if (lastFrame !== undefined) frames.push(time - lastFrame);
    lastFrame = time;
    requestAnimationFrame(nextFrame);
  };

  let delays = [];
  const onKey = event => {
    const pressed = event.timeStamp;
    afterPaint(() => delays.push(performance.now() - pressed));
  };

  let waited = new Map();
  const lookForRows = () => {
    if (waited.size === 0) return;
    for (const cell of document.querySelectorAll("[role=grid] [role=row] .cell.record")) {
      const text = cell.textContent;
      for (const [id, seen] of waited) {
        if (!text.includes(id)) continue;
        waited.delete(id);
        afterPaint(() => seen(now()));
      }
    }
    requestAnimationFrame(lookForRows);
  };

  globalThis.zcnProbe = {
    start: () => state,
    measureFrames() {
      frames = [];
      delays = [];
      lastFrame = undefined;
      measuring = true;
      addEventListener("keydown", onKey, true);
      requestAnimationFrame(nextFrame);
    },
    takeFrames() {
      measuring = false;
      removeEventListener("keydown", onKey, true);
      return { frames, delays };
    },
    /* When the row of a record is first shown; null when it is not within some seconds. */
    rowOf: id =>
      new Promise(seen => {
        setTimeout(() => {
          waited.delete(id);
          seen(null);
        }, 10_000);
        waited.set(id, seen);
        if (waited.size === 1) requestAnimationFrame(lookForRows);
      }),
    /* When a condition first holds in a frame, from now on. */
    when: condition =>
      new Promise(done => {
        const begun = performance.now();
        const look = () =>
          condition() ? afterPaint(() => done(performance.now() - begun)) : requestAnimationFrame(look);
        look();
      }),
    now,
  };

  if (globalThis.top === globalThis) {
    addEventListener("pointerdown", event => (state.pressedAt = performance.timeOrigin + event.timeStamp), true);
  }
})();
