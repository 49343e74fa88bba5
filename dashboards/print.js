// A chart is drawn as wide as the screen's column; on paper it takes the paper's width. Ctrl+P lays the page out as wide as the paper first
// and waits until its charts are drawn anew, so that their letters are as large as the others. Whoever prints by the browser's menu gets
// them scaled: each drawing is told its own size, by which style.css scales it, and forgets it again.
(() => {
  // one that is still being drawn has no drawing yet
  const charts = () => [...document.querySelectorAll(".js-plotly-plot .svg-container")].filter((chart) => chart.querySelector(".main-svg"));
  addEventListener("beforeprint", () => {
    document.body.classList.add("sx-paper");
    for (const chart of charts()) {
      const [width, height] = ["width", "height"].map((side) => parseFloat(chart.querySelector(".main-svg").getAttribute(side)));
      chart.style.setProperty("--sx-width", `${width}px`);
      chart.style.setProperty("--sx-shape", `${width} / ${height}`);
      for (const drawing of chart.querySelectorAll(".main-svg")) drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    }
  });
  addEventListener("afterprint", () => {
    document.body.classList.remove("sx-paper");
    for (const chart of charts()) {
      for (const drawing of chart.querySelectorAll(".main-svg")) drawing.removeAttribute("viewBox");
    }
  });
  const LONGEST = 2000; // milliseconds; then it is printed as it stands
  const fits = (chart) => Math.abs(chart.querySelector(".main-svg")?.width.baseVal.value - chart.clientWidth) <= 1;
  const allFit = () => [...document.querySelectorAll("[data-testid=stPlotlyChart]")].every((chart) => !chart.checkVisibility() || fits(chart));
  let asked = false;
  addEventListener("keydown", (press) => {
    if (!(press.ctrlKey || press.metaKey) || press.shiftKey || press.altKey || press.key.toLowerCase() !== "p") return;
    press.preventDefault();
    if (asked) return;
    asked = true;
    document.body.classList.add("sx-paper");
    const latest = performance.now() + LONGEST;
    const look = () => {
      if (!allFit() && performance.now() < latest) return requestAnimationFrame(look);
      print(); // says so itself before and after, and where it may not print nothing is said
      document.body.classList.remove("sx-paper");
      asked = false;
    };
    requestAnimationFrame(look);
  });
})();
