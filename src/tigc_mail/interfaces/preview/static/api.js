// Asking the preview's own server; every address begins with the token of this page's own.

/** Make the address of something, with what is asked. */
export function address(path, asked = {}) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined && value !== null && value !== "") query.set(name, value);
  }
  return query.size ? `${path}?${query}` : path;
}

/** What is wrong where the token of this page is not that of the preview any more. */
export const ELSEWHERE = { place: "", cause: "The preview was started anew, at another address.", cure: "Open the one that it told when it began; this page is not told of changes any more." };

/** Ask for JSON. A server that is gone is a fault like any other. */
export function ask(path, asked = {}, signal = undefined) {
  return told(address(`api/${path}`, asked), { signal });
}

/** Do something, and be told what came of it. */
export function act(path, values) {
  return told(`api/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values) });
}

async function told(address, options) {
  const fault = (cause, cure) => ({ faults: [{ place: "", cause, cure: options.method ? `${cure} Nobody knows whether it was done.` : cure }] });
  try {
    const response = await fetch(address, options);
    if (response.status === 404) return { faults: [ELSEWHERE] };
    if (!response.ok) return fault(`The preview answered ${response.status}.`, "Reload the page.");
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return fault("The preview does not answer.", "Start it again: tigc-mail preview.");
  }
}

/** Hear what happens, by name of the event, while the page is seen: a browser has few connections for all its tabs. */
export function listen(heard, said) {
  let source = null;
  const open = () => {
    source = new EventSource("events");
    for (const [name, hear] of Object.entries(heard)) source.addEventListener(name, (event) => hear(JSON.parse(event.data)));
    source.addEventListener("open", () => said("Live"));
    source.addEventListener("error", lost);
  };
  /** Browsers try again by themselves, unless nobody listens there, or there was an answer. */
  const lost = async () => {
    said("Reconnecting");
    if (source.readyState !== EventSource.CLOSED) return;
    const answer = await fetch("static/icon.svg").catch(() => null);
    if (document.hidden) return;
    if (answer?.status === 404) said("Ended");
    else setTimeout(open, 1000);
  };
  document.addEventListener("visibilitychange", () => {
    source?.close();
    if (document.hidden) said("Paused");
    else open();
  });
  if (!document.hidden) open();
}
