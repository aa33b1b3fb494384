// The contact sheet of an edition: made when it is asked for, then there to be kept.

import { act } from "./api.js";
import { fill, h, label, progressOf, size } from "./dom.js";

/** A button that makes the sheet, and the files that come of it. */
export function contactSheet(edition, page) {
  const made = h("span", { class: "made", role: "status" });
  const button = h("button", { type: "button", title: "One picture and one PDF of all these messages, for whoever approves them", onclick: make }, "Contact sheet");
  async function make() {
    button.disabled = true;
    fill(made, progressOf(edition, "findings sheet", "Checking …"));
    const told = await act("contact-sheet", { edition });
    button.disabled = false;
    page.faults(told.faults);
    fill(made, told.marking && label(told.marking), (told.files ?? []).map((file) =>
      h("a", { href: `contact-sheet/${encodeURIComponent(file.name)}`, download: file.name }, `${file.name.split(".").pop().toUpperCase()}, ${size(file.size)}`)));
    made.querySelector("a")?.focus();
  }
  return h("div", { class: "contact-sheet" }, made, button);
}
