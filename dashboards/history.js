// One step of the reader is one entry of the browser's history. Streamlit adds an entry each time a page writes to its address: what a page
// writes by itself while it opens (its period, its defaults) belongs to the step that opened it, and goes into that step's entry.
(() => {
  const push = history.pushState.bind(history);
  let stepped = false;
  for (const act of ["pointerdown", "keydown", "click"]) addEventListener(act, () => { stepped = true; }, true);
  addEventListener("popstate", () => { stepped = false; }, true);
  history.pushState = (state, title, address) => {
    if (stepped) push(state, title, address);
    else history.replaceState(state, title, address);
    stepped = false;
  };
})();
