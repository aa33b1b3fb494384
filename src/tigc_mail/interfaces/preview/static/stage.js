// The stage: a message's page in a frame of its own, as each screen shows it.

import { choice, focusedIn, focusIn, h } from "./dom.js";

const WIDTHS = [["375", "Phone", "1"], ["768", "Tablet", "2"], ["1100", "Desktop", "3"]];
const MODES = [["light", "Light", "l"], ["dark", "Dark", "d"], ["print", "Print", "p"]];

/**
 * Make a stage. `source` returns the address of the page for looks and a mark; `changed` is called
 * when somebody chose other looks, so that the tools are shown anew.
 */
export function makeStage(source, changed) {
  let looks = { width: "375", mode: "light", images: false, ...stored() };
  let settle = () => {}; // the frame that was last asked for is there, or another was
  const place = h("div", { class: "stage" });
  const note = h("p", { class: "note", role: "status" });
  const zoom = h("span", { class: "weight", title: "As large as there is room for it" });
  new ResizeObserver(() => fit()).observe(place);

  /** Show a screen that is wider than the stage smaller. */
  function fit() {
    const scale = Math.min(1, place.clientWidth / looks.width || 1);
    zoom.textContent = scale < 1 ? `${Math.round(scale * 100)} %` : "";
    for (const each of place.querySelectorAll("iframe.message")) {
      each.style.transform = scale < 1 ? `scale(${scale})` : "";
      each.style.height = `${100 / scale}%`;
      each.style.left = `${Math.max(0, (place.clientWidth - looks.width * scale) / 2)}px`;
    }
  }

  function look(change) {
    looks = { ...looks, ...change };
    const { images, ...kept } = looks;
    try { sessionStorage.setItem("looks", JSON.stringify(kept)); } catch { /* it is remembered no longer than this view */ }
    changed();
    if (stage.painted) paint(place.dataset.wanted);
  }

  /**
   * Paint; it ends once that is done, or something else is to be painted. Where the page is given,
   * as `looking` asked for it, it takes the place of what is shown.
   */
  function paint(mark, page = "") {
    const shown = place.querySelector("iframe.ready");
    if (page && shown && shown === place.lastElementChild && rewrite(shown, page)) {
      place.dataset.wanted = mark;
      painted(mark);
      return Promise.resolve();
    }
    const screen = WIDTHS.find(([width]) => width === looks.width)[1].toLowerCase();
    const frame = frameOf(`The message, as on a ${screen}`, source(looks, mark));
    frame.style.width = `${looks.width}px`;
    frame.dataset.looks = seen();
    swap(place, frame, () => {
      for (const kind of ["click", "auxclick"]) frame.contentDocument.addEventListener(kind, follow);
      frame.contentDocument.addEventListener("mouseover", hover);
      painted(mark);
    });
    place.dataset.wanted = mark;
    fit();
    settle();
    return new Promise((resolve) => { settle = resolve; });
  }

  /** What decides on the page that a frame loads, and on the policy that it has. */
  function seen() {
    return `${looks.mode} ${looks.images}`;
  }

  function painted(mark) {
    place.dataset.painted = mark;
    place.dataset.paintedAt = String(performance.now());
    settle();
  }

  function follow(event) {
    const link = event.target.closest?.("a[href]");
    if (!link) return;
    event.preventDefault();
    note.textContent = `This link leads to ${link.getAttribute("href")}`;
  }

  function hover(event) {
    const link = event.target.closest?.("a[href]");
    if (link) note.textContent = link.getAttribute("href");
  }

  const stage = {
    place,
    note,
    paint,
    /** Show something else instead. */
    clear(...instead) {
      stage.plain();
      place.replaceChildren(...instead);
    },
    /** Whether the frame that is there, or comes, was loaded for the looks that are chosen. */
    get current() { return place.lastElementChild?.dataset.looks === seen(); },
    /** How the page is looked at that is shown, and may be written anew; nothing where there is none. */
    looking: () => (stage.current && place.lastElementChild.matches("iframe.ready") ? { page: "1", mode: looks.mode, images: looks.images ? "1" : "" } : {}),
    /** Another message comes: images are wanted of one, and not of the next. */
    plain() { looks = { ...looks, images: false }; },
    /** Whether a page was painted, or is about to be. */
    get painted() { return place.querySelector("iframe") !== null; },
    /** The choice of width, look and images. */
    tools: () => [
      choice("Width", WIDTHS, looks.width, (value) => look({ width: value })),
      choice("Look", MODES, looks.mode, (value) => look({ mode: value })),
      zoom,
      h("button", { type: "button", "aria-pressed": String(looks.images), title: "Load the images of the web (i)", onclick: () => look({ images: !looks.images }) }, "Images"),
    ],
    keys: {
      ...Object.fromEntries(WIDTHS.map(([value, name, key]) => [key, { name, run: () => look({ width: value }) }])),
      ...Object.fromEntries(MODES.map(([value, name, key]) => [key, { name, run: () => look({ mode: value }) }])),
      i: { name: "Images on or off", run: () => look({ images: !looks.images }) },
    },
  };
  return stage;
}

/** Make the frame of a message's page. */
export function frameOf(title, src) {
  return h("iframe", { class: "message", sandbox: "allow-same-origin", title, src });
}

/**
 * Write a page into a frame that shows another version of it, and keep its place and its focus: it
 * is there at once, while to load it would take a tenth of a second. The frame's policy goes on to
 * hold: the page is parsed by the frame itself. One of another document type has to be loaded.
 */
function rewrite(frame, page) {
  const inside = frame.contentDocument;
  if (!inside?.documentElement) return false;
  const parsed = new frame.contentWindow.DOMParser().parseFromString(page, "text/html");
  if (typeOf(parsed) !== typeOf(inside)) return false;
  const [root, like] = [inside.documentElement, parsed.documentElement];
  const { scrollX, scrollY } = frame.contentWindow;
  const at = document.activeElement === frame ? focusedIn(root) : -1;
  for (const { name } of [...root.attributes]) if (!like.hasAttribute(name)) root.removeAttribute(name);
  for (const { name, value } of like.attributes) root.setAttribute(name, value);
  root.replaceChildren(...like.childNodes);
  focusIn(root, at);
  frame.contentWindow.scrollTo(scrollX, scrollY);
  return true;
}

/** What decides on how a browser lays a document out. */
function typeOf({ compatMode, doctype }) {
  return JSON.stringify([compatMode, doctype?.name, doctype?.publicId, doctype?.systemId]);
}

/** Load a page beside what is shown, and change places when it is there: nothing flickers or jumps. */
export function swap(place, frame, shown = () => {}) {
  frame.addEventListener("load", () => {
    if (place.lastElementChild !== frame || !frame.contentDocument) {
      frame.remove(); // another one is wanted by now, or the server is gone
      return;
    }
    const before = place.querySelector("iframe.ready");
    const at = before && before === document.activeElement ? focusedIn(before.contentDocument.documentElement) : null;
    frame.contentWindow.scrollTo(0, before?.contentWindow.scrollY ?? 0);
    frame.contentDocument.addEventListener("keydown", passOn);
    frame.classList.add("ready");
    for (const other of [...place.children]) if (other !== frame) other.remove();
    if (at !== null) hand(frame, at);
    shown(frame);
  }, { once: true });
  place.append(frame);
}

/** Give a frame the focus, and in it the element of that number. */
function hand(frame, at) {
  frame.focus({ preventScroll: true });
  focusIn(frame.contentDocument.documentElement, at);
}

/** Have keys that are pressed in a frame do what they do around it. */
function passOn(event) {
  if (event.target.closest?.("input, textarea, select")) return;
  const { key, ctrlKey, metaKey, altKey } = event;
  document.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey, metaKey, altKey }));
}

function stored() {
  try { return JSON.parse(sessionStorage.getItem("looks")) ?? {}; } catch { return {}; }
}
