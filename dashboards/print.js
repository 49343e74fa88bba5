// A chart is drawn as wide as the screen's column; on paper it takes the paper's width. Its drawings are told their own size, so that
// style.css can scale them, and forget it again: on a screen Plotly draws them anew for each width.
(() => {
  // one that is still being drawn has no drawing yet
  const charts = () => [...document.querySelectorAll(".js-plotly-plot .svg-container")].filter((chart) => chart.querySelector(".main-svg"));
  addEventListener("beforeprint", () => {
    for (const chart of charts()) {
      const [width, height] = ["width", "height"].map((side) => parseFloat(chart.querySelector(".main-svg").getAttribute(side)));
      chart.style.setProperty("--sx-width", `${width}px`);
      chart.style.setProperty("--sx-shape", `${width} / ${height}`);
      for (const drawing of chart.querySelectorAll(".main-svg")) drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    }
  });
  addEventListener("afterprint", () => {
    for (const chart of charts()) {
      for (const drawing of chart.querySelectorAll(".main-svg")) drawing.removeAttribute("viewBox");
    }
  });
})();
