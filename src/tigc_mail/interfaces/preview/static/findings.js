// What a check found, by edition: asked for once, until files of it change.

import { ask } from "./api.js";

const asked = new Map();

/** Return what a check of an edition finds. */
export async function findingsOf(edition) {
  if (!asked.has(edition)) asked.set(edition, ask("findings", { edition }));
  const asking = asked.get(edition);
  const told = await asking;
  if (told.faults.length && asked.get(edition) === asking) asked.delete(edition);
  return told;
}

/** Whether it is known, or asked for, already. */
export function isAsked(edition) {
  return asked.has(edition);
}

/** Forget what may be different after a change. */
export function forget(change) {
  for (const edition of change.editions ?? [...asked.keys()]) asked.delete(edition);
}
