// Takes the pictures in this folder from a running service, so that they can be renewed when the pages change:
//
//   countersign serve --dev --data pictures-data    (a new folder: the pictures show an account `alice`)
//   npm install playwright-core                         (anywhere; NODE_PATH does not help ES modules, so run it from there)
//   node take.mjs pictures-data [http://127.0.0.1:8080] [FOLDER FOR THE PICTURES]
//
// Chromium is taken from CHROMIUM, or /usr/bin/chromium. If pngquant is installed, it makes the files small.
// Every secret that can be seen is of an account of that folder, which is thrown away.
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const [data, base = "http://127.0.0.1:8080", folder = "."] = process.argv.slice(2);
const password = "correct horse battery staple";
const phone = { width: 390, height: 844 };
const desk = { width: 1280, height: 860 };
const taken = [];

async function call(path, body, headers = {}) {
  const answer = await fetch(base + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const read = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(read)}`);
  return read;
}

/** The six digits of an authenticator app (RFC 6238) for a secret in Base32. */
function code(secret) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const letters = secret.replace(/[^A-Z2-7]/g, "");
  const bits = [...letters].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, "0");
}

/** An account, and an application that is not the operator's own. */
async function prepare(callback) {
  const alice = await call("/v1/users", { username: "alice", email: "alice@example.org", password });
  const { username, password: word, secret_key } = JSON.parse(readFileSync(`${data}/dev-credentials.json`, "utf8"));
  const { access_token } = await call("/v1/token", { username, password: word, secret_key, scope: "admin" });
  await call(
    "/v1/admin/clients",
    { client_id: "shop", client_name: "The shop", authentication: "none", redirect_uris: [callback] },
    { authorization: `Bearer ${access_token}` },
  );
  return alice.secret_key;
}

async function open(browser, viewport, colorScheme) {
  const context = await browser.newContext({ viewport, colorScheme, locale: "en-GB", timezoneId: "UTC" });
  return context.newPage();
}

async function shot(page, name) {
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: `${folder}/${name}.png` });
  taken.push(name);
}

/** Types, without the script that would send a complete code by itself, and sends. */
async function send(page, fields) {
  for (const [name, text] of Object.entries(fields)) await page.fill(`input[name=${name}]`, text);
  const address = page.url();
  await page.click("form button.primary[type=submit]").catch(() => {});
  await page.waitForURL((url) => url.href !== address);
}

const application = createServer((_, answer) => answer.end("<!doctype html><title>The shop</title>"));
await new Promise((ready) => application.listen(0, "127.0.0.1", ready));
const callback = `http://127.0.0.1:${application.address().port}/callback`;
const key = await prepare(callback);
const request = new URLSearchParams({
  client_id: "shop",
  response_type: "code",
  redirect_uri: callback,
  scope: "openid profile email offline_access",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
});
const authorize = `${base}/auth/authorize?${request}`;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});

// The owner logs in with the secret key, and enrols an authenticator.
const own = await open(browser, desk, "light");
await own.goto(`${base}/auth/login?to=enable`);
await send(own, { username: "alice", password });
await send(own, { code: key });
await send(own, { name: "Phone" });
await own.setViewportSize({ width: 1280, height: 1170 });
await shot(own, "enable-1280-light");
const secret = await own.textContent("#secret");
await own.fill("input[name=code]", code(secret));
await own.waitForSelector("#codes");
await own.setViewportSize(phone);
await shot(own, "recovery-codes-390-light");

// Then an application asks for a login.
const small = await open(browser, phone, "dark");
await small.goto(authorize);
await shot(small, "login-390-dark");
await send(small, { username: "alice", password });
await shot(small, "factor-390-dark");
const large = await open(browser, desk, "light");
await large.goto(authorize);
await shot(large, "login-1280-light");
await send(large, { username: "alice", password });
await shot(large, "factor-1280-light");
await large.click(".choices a:has-text('secret key')");
await send(large, { code: key });
await shot(large, "consent-1280-light");
await large.setViewportSize(phone);
await shot(large, "consent-390-light");
await large.click("button[value=allow]");
await large.waitForURL((url) => url.href.startsWith(callback));

// What the owner sees afterwards.
await large.goto(`${base}/auth/settings`);
await large.setViewportSize({ width: 1280, height: 1000 });
await large.emulateMedia({ colorScheme: "dark" });
await shot(large, "settings-1280-dark");

// The pictures of a phone side by side, for the README.
const montage = await open(browser, { width: 1000, height: 720 }, "light");
const four = ["login-390-dark", "factor-390-dark", "consent-390-light", "recovery-codes-390-light"];
const image = (name) => `data:image/png;base64,${readFileSync(`${folder}/${name}.png`).toString("base64")}`;
await montage.setContent(
  `<style>body{margin:0;padding:16px;display:flex;gap:16px;background:#dfe4ea}img{width:230px;border-radius:12px}</style>` +
    four.map((name) => `<img src="${image(name)}">`).join(""),
);
await montage.setViewportSize({ width: 4 * 230 + 5 * 16, height: Math.round((230 * 844) / 390) + 32 });
await shot(montage, "pages");

await browser.close();
application.close();
for (const name of taken) {
  const file = `${folder}/${name}.png`;
  try {
    execFileSync("pngquant", ["--force", "--skip-if-larger", "--strip", "--speed", "1", "--output", file, "128", file]);
  } catch (error) {
    if (error.status !== 98) console.warn(`${name}: pngquant: ${error.message.split("\n")[0]}`);
  }
  console.log(`${name}.png ${readFileSync(file).length}`);
}
