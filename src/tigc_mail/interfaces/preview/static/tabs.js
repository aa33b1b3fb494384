// Tabs, one of which is chosen: the arrow keys go from one to the next.

import { fill, h } from "./dom.js";

/** Make the buttons of some panels (`{id, name}`); `choose` is given the id, and shows them anew. */
export function tabs(list, panels, chosen, choose) {
  const go = (id) => {
    choose(id);
    list.querySelector(`#tab-${id}`)?.focus();
  };
  const arrows = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = panels.findIndex(({ id }) => id === chosen);
    go(panels[(at + step + panels.length) % panels.length].id);
    event.preventDefault();
  };
  fill(list, panels.map(({ id, name }) => h("button", {
    type: "button", role: "tab", id: `tab-${id}`, "aria-selected": String(id === chosen), "aria-controls": "panel", tabIndex: id === chosen ? 0 : -1,
    onclick: () => go(id), onkeydown: arrows,
  }, name)));
}
