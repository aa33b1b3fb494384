// The contact sheet of an edition: made when it is asked for, then there to be kept.

import { act, ask } from "./api.js";
import { fill, h, label, progressOf, size } from "./dom.js";

let kept = null; // the files that the server has, and where they stand: those of the sheet that was made last
let saves = 0; // how often something was saved while the page is open
const saved = new Map(); // when that was, by edition
const EVERY = "";

/** Say of the files of a sheet that they are of before, where something of it was saved since. */
export function outdate(editions) {
  saves += 1;
  for (const edition of editions ?? [EVERY]) saved.set(edition, saves);
  tellAge();
}

function tellAge() {
  if (kept && [EVERY, kept.edition].some((each) => saved.get(each) > kept.since)) kept.age.textContent = "from before the last save";
}

/** A button that makes the sheet, and the files that come of it. */
export function contactSheet(edition, page) {
  const made = h("span", { class: "made", role: "status" });
  const button = h("button", { type: "button", title: "One picture and one PDF of all these messages, for whoever approves them", onclick: make }, "Contact sheet");
  async function make() {
    const since = saves;
    button.disabled = true;
    fill(made, progressOf(edition, "findings sheet", "Checking …"));
    const told = await act("contact-sheet", { edition });
    button.disabled = false;
    page.faults(told.faults);
    if (told.files && kept) fill(kept.made);
    const age = h("span", { class: "means" });
    if (told.files) kept = { edition, made, age, since };
    fill(made, age, told.marking && label(told.marking), (told.files ?? []).map((file) =>
      h("a", { href: `contact-sheet/${encodeURIComponent(file.name)}`, download: file.name, onclick: (event) => take(event, told.sheet) }, `${file.name.split(".").pop().toUpperCase()}, ${size(file.size)}`)));
    tellAge();
    made.querySelector("a")?.focus();
  }

  /** Take a file, unless another page had a sheet made since: the server keeps one. */
  async function take(event, sheet) {
    event.preventDefault();
    const { href, download } = event.currentTarget;
    const now = await ask("kept-sheet");
    if (now.faults.length) page.faults(now.faults);
    else if (now.sheet === sheet) h("a", { href, download }).click();
    else {
      fill(made, h("span", { class: "means" }, "Another contact sheet was made since: make this one again."));
      button.focus();
    }
  }
  return h("div", { class: "contact-sheet" }, made, button);
}
