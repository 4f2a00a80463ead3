/**
 * Notes, in a page, when Enter was pressed and when cells came to show a text. Installed before all
 * other scripts of the page. Times are milliseconds since 1970, with the fractions of
 * `performance.now()`; kernels on the same machine read the same clock.
 */
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const arrivals = new Map(); // "watch/text" -> when a cell first showed the text
  const waiting = new Map(); // "watch/text" -> what to do when it has arrived

  const note = (key) => {
    if (arrivals.has(key)) return;
    arrivals.set(key, now());
    waiting.get(key)?.();
  };

  // A frame has been drawn with a change in it when the task after its callbacks runs.
  const afterNextFrame = (then) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = then;
      port2.postMessage(null);
    });

  globalThis.bench = {
    now,
    enteredAt: 0,

    /** Note every text that a cell of this column shows from now on. */
    watch(watch, root, column) {
      new MutationObserver(() => {
        for (const cell of root.querySelectorAll(`[data-row][data-col="${column}"]`)) {
          note(`${watch}/${cell.textContent}`);
        }
      }).observe(root, { subtree: true, childList: true, characterData: true });
    },

    /** Wait until a text has arrived; resolves to whether it has, within so many ms. */
    arrival(watch, text, timeout) {
      const key = `${watch}/${text}`;
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          waiting.delete(key);
          resolve(arrivals.has(key));
        };
        const timer = setTimeout(done, timeout);
        if (arrivals.has(key)) done();
        else waiting.set(key, done);
      });
    },

    /** Return when each text arrived under a watch. */
    times(watch) {
      const start = `${watch}/`;
      const own = [...arrivals].filter(([key]) => key.startsWith(start));
      return Object.fromEntries(own.map(([key, at]) => [key.slice(start.length), at]));
    },

    /** Run a command of JupyterLab; resolves to the ms until a live table has painted a row. */
    async runUntilFirstRow(command, panelId, timeout) {
      const panel = document.getElementById(panelId);
      const start = now();
      const times = { row: null, painted: null };
      const seen = new Promise((resolve) => {
        const observer = new MutationObserver(() => {
          if (panel.querySelector('.tbw-table [data-row][data-col]') === null) return;
          observer.disconnect();
          times.row = now() - start;
          afterNextFrame(() => {
            times.painted = now() - start;
            resolve(times);
          });
        });
        observer.observe(panel, { subtree: true, childList: true });
        setTimeout(() => resolve(times), timeout);
      });
      void window.jupyterapp.commands.execute(command);
      return seen;
    },
  };

  addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Enter') globalThis.bench.enteredAt = now();
    },
    { capture: true },
  );
})();
