/* What the app keeps on the phone (IndexedDB): the cards of the inbox, the answers on their way, and whose they are.
   Used by the pages and by the worker. */

const DATABASE = "zanjar-phone";
const STORES = { meta: "name", cards: "name", outbox: "key" };
const SHELL_CACHE = "zanjar-shell";

let opened = null;
let keeping = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) asked.result.createObjectStore(name, { keyPath });
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      resolve(asked.result);
    };
    asked.onerror = () => {
      opened = null;
      reject(asked.error);
    };
  });
  return opened;
}

async function within(store, mode, act) {
  const place = (await database()).transaction(store, mode);
  const request = act(place.objectStore(store));
  return new Promise((resolve, reject) => {
    place.oncomplete = () => resolve(request?.result);
    place.onabort = place.onerror = () => reject(place.error);
  });
}

export const getRow = (store, key) => within(store, "readonly", (rows) => rows.get(key));
export const allRows = (store) => within(store, "readonly", (rows) => rows.getAll());
export const putRow = (store, row) => within(store, "readwrite", (rows) => rows.put(row));
export const dropRow = (store, key) => within(store, "readwrite", (rows) => rows.delete(key));
export const clearRows = (store) => within(store, "readwrite", (rows) => rows.clear());

/** Whose things are kept here; nobody's: null. */
export async function keptFor() {
  return (await getRow("meta", "user"))?.value ?? null;
}

/** Forget what was kept to be read; with `outbox`, also the answers that did not go out. */
export async function wipe({ outbox }) {
  await clearRows("cards");
  await self.caches?.delete(SHELL_CACHE);
  if (!outbox) return;
  await clearRows("outbox");
  await clearRows("meta");
}

/** From now on everything here is this person's. What another person left is forgotten first: phones are shared. */
export function keepFor(user) {
  keeping ??= change(user);
  return keeping;
}

async function change(user) {
  const before = await keptFor();
  if (before !== null && before !== user) await wipe({ outbox: true });
  if (before !== user) await putRow("meta", { name: "user", value: user });
}

/** Keep the page itself: the worker did not see its first visit, and what another person left is gone. */
export async function keepShell(url) {
  const cache = await self.caches?.open(SHELL_CACHE);
  if (cache && !(await cache.match(url))) await cache.add(url);
}
