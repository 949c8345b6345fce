// What both relying parties of this folder share: lines of JSON from and to whoever started them, and the loopback address to
// which the browser comes back. Nothing here knows OAuth; that is left to the libraries.
import { createServer } from "node:http";
import { once } from "node:events";
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Says one thing: an event with its facts. */
export function say(event, facts) {
  process.stdout.write(JSON.stringify({ event, ...facts }) + "\n");
}

/** Hears the next thing. */
export async function hear() {
  const { value, done } = await lines.next();
  if (done) throw new Error("nobody talks to this program any more");
  return JSON.parse(value);
}

/** Ends the program; a failure is said as such, with the library's own words. */
export function main(program) {
  program().then(
    () => process.exit(0),
    (error) => {
      const { name, message, code, error: refusal, error_description: description, status } = error;
      const cause = error.cause && JSON.stringify(error.cause, Object.getOwnPropertyNames(Object(error.cause)));
      say("failed", { name, message, code, refusal, description, status, cause, stack: error.stack });
      process.exit(1);
    },
  );
}

/** A server on a free port of the loopback, which keeps the addresses at which it was visited. */
export async function listen() {
  const waiting = new Map();
  const visits = new Map();
  let base;
  const server = createServer((request, response) => {
    const url = new URL(request.url, base);
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>Relying party</title><link rel=icon href=data:,><p id="here">${url.pathname.slice(1)}</p>`);
    const waiter = waiting.get(url.pathname);
    if (waiter) waiter(url);
    else visits.set(url.pathname, url);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${server.address().port}`;
  return {
    callback: `${base}/callback`,
    goodbye: `${base}/goodbye`,
    /** The whole address at which the browser came to this path. */
    visit: (path) =>
      visits.has(path)
        ? Promise.resolve(visits.get(path))
        : new Promise((resolve) => waiting.set(path, resolve)),
  };
}

/** The code of the error that a promise ends with; a promise that succeeds is a failure. */
export async function refused(what, promise) {
  try {
    await promise;
  } catch (error) {
    if (error.error) return error.error;
    throw error;
  }
  throw new Error(`${what} was not refused`);
}
