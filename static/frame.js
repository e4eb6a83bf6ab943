/* In a frame on another site: tells the page around it how high it is, and when Escape was pressed. Nothing
   else leaves, and only to the site that the server knows may show it. */
"use strict";
{
  const site = document.currentScript.dataset.site;
  const tell = (message) => { if (parent !== window) parent.postMessage({ pulse: message, height: document.body.offsetHeight }, site); };
  addEventListener("keydown", (event) => { if (event.key === "Escape") tell("close"); });
  new ResizeObserver(() => tell("height")).observe(document.body);
  tell("height");
}
