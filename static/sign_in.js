// Keeps the wave's fingerprint, which stands after # in the mailed invitation, until the pulse page can check
// it: over the wait for a link by mail, or the way to a sign-in service and back, in this browser alone. It is never sent to the server.
const NAME = "pulse.pin", AN_HOUR = 3600000;
try {
  const here = location.hash.slice(1);
  if (document.getElementById("door")) {
    if (/^[0-9a-f]{64}$/.test(here)) localStorage.setItem(NAME, JSON.stringify({ pin: here, at: Date.now() }));
  } else {
    const kept = JSON.parse(localStorage.getItem(NAME) || "null");
    localStorage.removeItem(NAME);
    if (!here && kept && Date.now() - kept.at < AN_HOUR) history.replaceState(null, "", "#" + kept.pin);
  }
} catch {
  // Storage refused: the pulse page then goes without this check, as it does with a typed address.
}
