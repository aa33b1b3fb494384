// A file of the workspace, shown at the place that something is about.

import { ask } from "./api.js";
import { faultList, fill, h } from "./dom.js";

/** Show the file of a place, in a dialog. */
export async function showFile(dialog, place) {
  const told = await ask("file", { place });
  const close = h("form", { method: "dialog" }, h("button", {}, "Close"));
  if (told.text === undefined) {
    fill(dialog, h("h2", { id: "file-title" }, "No file to show"), faultList(told.faults), close);
    dialog.showModal();
    return;
  }
  const spot = told.line ? `${told.file}:${told.line}:${told.column}` : told.file;
  const said = h("span", { role: "status" });
  const copy = h("button", { type: "button", class: "main", onclick: () => navigator.clipboard.writeText(spot).then(
    () => { said.textContent = "Copied."; }, () => { said.textContent = "It cannot be copied here."; }) }, "Copy the place");
  const lines = told.text.split("\n").map((text, at) => h("tr", { class: at + 1 === told.line && "here" },
    h("th", { scope: "row" }, String(at + 1)), h("td", {}, h("code", {}, text))));
  fill(dialog, h("h2", { id: "file-title" }, h("code", {}, spot)),
    h("div", { class: "source", tabIndex: 0, role: "region", "aria-label": told.file }, h("table", { class: "lines" }, h("tbody", {}, lines))),
    h("div", { class: "tools" }, copy, said, close));
  dialog.showModal();
  lines[told.line - 1]?.scrollIntoView({ block: "center" });
}
