// Draws the figures of a page with Plotly, over the still drawings that stand there without scripts.
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const still = ".still, .still-wrap";

// The colours of the style sheet as they are now, by day or by night.
const shown = getComputedStyle(document.documentElement);
const now = (name) => shown.getPropertyValue(name).trim();

// The same by day, whatever the screen shows: a file is for paper.
function byDay(name) {
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      const found = rule.selectorText === ":root" && rule.style.getPropertyValue(name);
      if (found) return found.trim();
    }
  }
  return now(name);
}

// A figure names the style sheet's colours, so it follows day and night.
function coloured(value, colour) {
  if (typeof value === "string") return value.replace(/^var\((--[a-z-]+)\)$/, (_, name) => colour(name));
  if (Array.isArray(value)) return value.map((part) => coloured(part, colour));
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, coloured(part, colour)]));
  return value;
}

const told = (block) => JSON.parse(block.textContent);
const titled = (plot) => plot.closest("figure").querySelector("figcaption b")?.textContent.trim() ?? document.title;

function draw(block) {
  const plot = document.getElementById(block.dataset.figure);
  const figure = coloured(told(block), now);
  const drawings = [...plot.closest("figure").querySelectorAll(still)].filter((drawing) => !drawing.parentElement.closest(still));
  // As high as what it takes the place of: nothing below it moves.
  const room = drawings.reduce((sum, drawing) => sum + drawing.getBoundingClientRect().height, 0);
  plot.dataset.height ||= Math.round(room) || figure.layout.height;
  figure.layout.height = Number(plot.dataset.height);
  plot.hidden = false;
  drawings.forEach((drawing) => drawing.classList.add("gone"));
  Plotly.react(plot, figure.data, figure.layout, { displayModeBar: false, displaylogo: false, responsive: true }).then(() => {
    plot.removeAllListeners("plotly_click");
    plot.on("plotly_click", (event) => {
      const code = event.points[0].customdata;
      if (code) location.href = "/fixes/" + encodeURIComponent(code);
    });
  });
}

// A figure for paper: white, with what it shows above it and where it comes from below.
function forPaper(block, source) {
  const figure = coloured(told(block), byDay);
  const layout = figure.layout;
  const margin = { ...layout.margin, t: layout.margin.t + 64, b: layout.margin.b + 36 };
  const words = { xref: "paper", yref: "paper", x: 0, xanchor: "left", showarrow: false };
  const below = { ...words, y: 0, yanchor: "top", yshift: -layout.margin.b - 6, text: plain(source), font: { size: 11, color: byDay("--soft") } };
  return {
    data: figure.data,
    layout: {
      ...layout,
      width: 1000,
      height: layout.height + 100,
      margin,
      paper_bgcolor: "#fff",
      plot_bgcolor: "#fff",
      title: { text: plain(titled(document.getElementById(block.dataset.figure))), x: 0.02, xanchor: "left", y: 0.975, yanchor: "top", font: { size: 18, color: byDay("--ink") } },
      annotations: [...(layout.annotations ?? []), below],
    },
  };
}

// Plotly reads some marks in texts; a name has none.
const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

async function vector(block, source) {
  const { data, layout } = forPaper(block, source);
  const address = await Plotly.toImage({ data, layout, config: { staticPlot: true } }, { format: "svg", width: layout.width, height: layout.height });
  return { text: decodeURIComponent(address.slice(address.indexOf(",") + 1)), ...layout };
}

// Twice as many dots as on a screen, for print.
async function dots({ text, width, height }) {
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const sheet = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
  sheet.getContext("2d").drawImage(picture, 0, 0, sheet.width, sheet.height);
  URL.revokeObjectURL(address);
  return new Promise((done) => sheet.toBlob(done, "image/png"));
}

async function keep(block, files, kind) {
  const made = await vector(block, files.dataset.source);
  const file = kind === "svg" ? new Blob([made.text], { type: "image/svg+xml" }) : await dots(made);
  const name = `${location.pathname.split("/").filter(Boolean).join("-")}-${block.dataset.figure}.${kind}`;
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function offer(block) {
  const files = document.querySelector(`.picture-files[data-of="${block.dataset.figure}"]`);
  files?.querySelectorAll("button").forEach((button) => button.addEventListener("click", () => keep(block, files, button.dataset.as)));
  files?.classList.add("ready");
}

if (window.Plotly) {
  const blocks = document.querySelectorAll("script[data-figure]");
  blocks.forEach(draw);
  blocks.forEach(offer);
  dark.addEventListener("change", () => blocks.forEach(draw));
}
