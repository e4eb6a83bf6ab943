// Draws the figures of a page with Plotly, over the still drawings that stand there without scripts.
"use strict";

const style = getComputedStyle(document.documentElement);
const dark = matchMedia("(prefers-color-scheme: dark)");

// A figure names the style sheet's colours, so it follows day and night.
function coloured(value) {
  if (typeof value === "string") return value.replace(/^var\((--[a-z-]+)\)$/, (_, name) => style.getPropertyValue(name).trim());
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, coloured(part)]));
  return value;
}

function draw(block) {
  const plot = document.getElementById(block.dataset.figure);
  const figure = coloured(JSON.parse(block.textContent));
  const still = plot.closest("figure").querySelectorAll(".still, .still-wrap");
  plot.hidden = false;
  Plotly.react(plot, figure.data, figure.layout, { displayModeBar: false, displaylogo: false, responsive: true }).then(() => {
    still.forEach((drawing) => drawing.classList.add("gone"));
    plot.removeAllListeners("plotly_click");
    plot.on("plotly_click", (event) => {
      const code = event.points[0].customdata;
      if (code) location.href = "/fixes/" + encodeURIComponent(code);
    });
  });
}

if (window.Plotly) {
  const blocks = document.querySelectorAll("script[data-figure]");
  blocks.forEach(draw);
  dark.addEventListener("change", () => blocks.forEach(draw));
}
