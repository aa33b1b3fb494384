// Making elements: text is always text, never markup.

/** Make an element; properties that begin with `on` are listeners, `data` goes to the dataset. */
export function h(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name === "class") made.className = value;
    else if (name in made && !name.startsWith("aria") && name !== "role") made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

/** Replace what an element holds; what has the focus in it hands it to what takes its place. */
export function fill(element, ...children) {
  const at = focusedIn(element);
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  focusIn(element, at);
  return element;
}

/** Which of the elements that can have the focus has it, by number; -1 where none in there has. */
export function focusedIn(element) {
  return [...element.querySelectorAll(FOCUSABLE)].indexOf(element.ownerDocument.activeElement);
}

/** Give the focus to the one of that number; nothing is scrolled. */
export function focusIn(element, at) {
  if (at >= 0) element.querySelectorAll(FOCUSABLE)[at]?.focus({ preventScroll: true });
}

/** A TLP label, coloured as FIRST's standard says (version 2.0). */
export function label(marking) {
  return h("span", { class: "tlp", data: { tlp: marking.replace("TLP:", "") } }, marking);
}

const FILE = /^((audiences|editions|templates)\/|tigc-mail\.toml)/;

/** A place in a file, or what stands for it; pressing it shows the file there, where it is one of the workspace. */
export function placeOf(place, instead = undefined) {
  if (!FILE.test(place)) return instead ?? h("code", {}, place);
  return h("button", {
    type: "button", class: "place", title: instead ? place : "Show the file at this place", "aria-label": instead && `Show ${place}`,
    onclick: (event) => event.currentTarget.dispatchEvent(new CustomEvent("place", { bubbles: true, detail: place })),
  }, instead ?? h("code", {}, place));
}

/** How far something is that takes long, from when the server tells of it on. */
export function progressOf(edition, of, text) {
  return h("span", { class: "making", data: { edition, progress: of } }, text);
}

/** What is wrong, each with its place and its cure. */
export function faultList(faults) {
  return faults.map((fault) =>
    h("div", { class: "fault" },
      fault.place && placeOf(fault.place),
      h("p", {}, fault.cause, fault.cure && [/[.!?]$/.test(fault.cause) ? " " : ". ", h("span", { class: "cure" }, fault.cure)]),
    ));
}

/** One choice of several, as buttons of which one is pressed. */
export function choice(name, options, chosen, choose) {
  return h("div", { class: "choice", role: "group", "aria-label": name },
    options.map(([value, text, key]) =>
      h("button", {
        type: "button",
        "aria-pressed": String(value === chosen),
        title: key ? `${text} (${key})` : text,
        onclick: () => choose(value),
      }, text)));
}

/** `38 KB`, as people say it. */
export function size(octets) {
  if (octets < 1000) return `${octets} B`;
  if (octets < 1000000) return `${Math.round(octets / 1000)} KB`;
  return `${(octets / 1000000).toFixed(1)} MB`;
}

/** Call something once nothing was asked for a while (milliseconds); `cancel` forgets what was asked. */
export function soon(run, wait = 60) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...values), wait);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}
