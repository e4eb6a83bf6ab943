/* Pulse on another site. A link to a survey's open door opens the survey over the page, in a frame:

     <p><a href="https://pulse.example.org/o/abcd-efgh-ijkl">What bothered you?</a></p>
     <script async src="https://pulse.example.org/static/widget.js"
       data-door="https://pulse.example.org/o/abcd-efgh-ijkl"></script>

   Without this script it is a plain link. It sets no cookie, stores nothing, and asks no server for anything
   until somebody presses the link; then that of the survey alone. */
(() => {
  "use strict";
  const door = new URL(document.currentScript.dataset.door);
  const own = new WeakSet(); // links to the survey's own page, which stay plain
  const LATE = 4000; // milliseconds after which a frame that said nothing is taken for refused
  const WORDS = {
    en: { title: "Survey: what bothered you?", close: "Close", refused: "The survey cannot be shown on this page.", open: "Open it on a page of its own" },
    fr: { title: "Enquête\u00a0: qu’est-ce qui vous a gêné\u202f?", close: "Fermer", refused: "L’enquête ne peut pas s’afficher sur cette page.", open: "L’ouvrir sur sa propre page" },
  };

  const made = (tag, style, properties) => {
    const element = Object.assign(document.createElement(tag), properties);
    Object.assign(element.style, style); // set one by one, which a strict policy of the site allows
    return element;
  };

  const open = () => {
    const language = (document.documentElement.lang || navigator.language || "").slice(0, 2).toLowerCase();
    const words = WORDS[language] || WORDS.en;
    const dialog = made("dialog", {
      width: "min(46rem, 100vw)", maxWidth: "100vw", maxHeight: "100dvh", margin: "auto", padding: "0", overflow: "hidden", boxSizing: "border-box",
      border: "1px solid #8592a0", borderRadius: ".75rem", background: "Canvas", color: "CanvasText", colorScheme: "light dark",
    });
    dialog.setAttribute("aria-label", words.title);
    const bar = made("div", { display: "flex", flexWrap: "wrap", justifyContent: "space-between", alignItems: "center", gap: ".5rem 1rem", padding: ".25rem .75rem" });
    const way = made("a", { display: "inline-flex", alignItems: "center", minHeight: "3rem", color: "LinkText", font: "1rem/1.4 system-ui, sans-serif" },
      { href: door.href, target: "_blank", rel: "noopener", textContent: words.open });
    own.add(way);
    const close = made("button", { minHeight: "3rem", padding: ".5rem 1.15rem", border: "1px solid", borderRadius: ".5rem", background: "ButtonFace", color: "ButtonText", font: "600 1rem/1.4 system-ui, sans-serif", cursor: "pointer" },
      { type: "button", textContent: words.close });
    const address = new URL(door);
    address.searchParams.set("frame", "1");
    address.searchParams.set("from", location.origin);
    if (WORDS[language]) address.searchParams.set("lang", language);
    const frame = made("iframe", { display: "block", width: "100%", height: "60vh", maxHeight: "calc(100dvh - 6rem)", border: "0" },
      { src: address.href, title: words.title, referrerPolicy: "no-referrer" });

    let heard = false;
    const listen = (event) => {
      if (event.origin !== door.origin || event.source !== frame.contentWindow || !event.data) return;
      const { pulse, height } = event.data;
      heard = true;
      if (pulse === "height" && Number.isFinite(height) && height > 0) frame.style.height = `${Math.ceil(height)}px`;
      if (pulse === "close") dialog.close();
    };
    const refused = () => {
      if (heard || !dialog.isConnected) return;
      const told = made("p", { margin: "0", padding: "1rem .75rem", font: "1rem/1.5 system-ui, sans-serif" }, { textContent: words.refused });
      told.setAttribute("role", "status");
      frame.replaceWith(told);
    };
    frame.addEventListener("load", () => setTimeout(refused, LATE), { once: true });
    addEventListener("message", listen);
    dialog.addEventListener("close", () => { removeEventListener("message", listen); dialog.remove(); });
    close.addEventListener("click", () => dialog.close());
    bar.append(way, close);
    dialog.append(bar, frame);
    document.body.append(dialog);
    dialog.showModal(); // keeps the keyboard and screen readers inside, and gives focus back to the link
    close.focus();
  };

  const isDoor = (link) => link && link.href === door.href;
  addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a[href]");
    if (!isDoor(link) || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (own.has(link) || typeof HTMLDialogElement === "undefined") return; // then it is a plain link
    event.preventDefault();
    open();
  });
  const mark = () => { for (const link of document.links) if (isDoor(link)) link.setAttribute("aria-haspopup", "dialog"); };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", mark);
  mark();
})();
