// What a visitor sees and does, on the real program and in a real browser.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createRequire } from "node:module";
import { artefacts, startBrowser, startDemo } from "./service.js";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const phone = { width: 360, height: 740 };
const desktop = { width: 1280, height: 900 };

let demo;
let browser;
before(async () => {
  [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** Opens a page and notes every request, cookie and error of it. */
async function visit(path, options = {}) {
  const context = await browser.newContext({ viewport: desktop, ...options });
  const page = await context.newPage();
  const seen = { requests: [], errors: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
  const response = await page.goto(demo.address + path);
  return { context, page, seen, response };
}

/** Lists what axe-core finds wrong. The page's own policy forbids scripts, so axe is put in past it. */
async function faults(page) {
  await page.addScriptTag({ path: axePath });
  const result = await page.evaluate(() =>
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  return result.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(" | ")}`);
}

async function api(query) {
  const response = await fetch(`${demo.address}/api/v1/search/videos?${query}`);
  assert.equal(response.status, 200);
  return response.json();
}

test("the first page has a box and the newest videos", async () => {
  const { context, page } = await visit("/");
  assert.equal(await page.getByRole("searchbox").count(), 1);
  assert.ok((await page.getByRole("article").count()) >= 5);
  await page.screenshot({ path: `${artefacts}home-desktop.png`, fullPage: true });
  await context.close();
});

test("a search from the box finds a video and links to its origin", async () => {
  const [video] = (await api("sort=-publishedAt&count=1")).data;
  const { context, page } = await visit("/");
  await page.getByRole("searchbox").fill(video.name);
  await page.getByRole("searchbox").press("Enter");
  await page.waitForURL(/search=/);
  const link = page.getByRole("article").first().getByRole("heading").getByRole("link");
  assert.equal((await link.textContent()).trim(), video.name.trim());
  assert.ok((await link.getAttribute("href")).startsWith(`https://${video.account.host}/`));
  assert.match(await link.getAttribute("rel"), /noopener.*noreferrer|noreferrer.*noopener/);
  await context.close();
});

test("videos are found in at least six languages", async () => {
  const found = [];
  for (const language of ["en", "fr", "de", "es", "ru", "ja", "ar", "zh-Hans", "el", "pl"]) {
    const [video] = (await api(`languageOneOf[]=${language}&count=1&nsfw=false&sort=-views`)).data;
    if (!video) continue;
    const { context, page } = await visit(`/search?search=${encodeURIComponent(video.name)}`);
    const titles = await page.getByRole("article").getByRole("heading").allTextContents();
    if (titles.some((title) => title.trim() === video.name.trim())) found.push(language);
    await context.close();
  }
  assert.ok(found.length >= 6, `found only ${found}`);
});

test("nobody else is asked for anything, and nothing is kept in the browser", async () => {
  for (const path of ["/", "/search?search=a", "/search?sort=-views", "/about", "/bot", "/privacy"]) {
    const { context, page, seen } = await visit(path);
    await page.waitForLoadState("networkidle");
    const foreign = seen.requests.filter((url) => !url.startsWith(demo.address) && !url.startsWith("data:"));
    assert.deepEqual(foreign, [], path);
    assert.deepEqual(await context.cookies(), [], path);
    assert.deepEqual(seen.errors, [], path);
    await context.close();
  }
});

test("every page works without scripts, and has none", async () => {
  const { context, page } = await visit("/search?search=the", { javaScriptEnabled: false });
  assert.equal(await page.locator("script").count(), 0);
  assert.ok((await page.getByRole("article").count()) > 0);
  await context.close();
});

test("axe-core finds nothing on any page and state, light and dark", async () => {
  const pages = ["/", "/search?search=the", "/search?sort=-publishedAt&nsfw=both", "/search?search=zzzzqqqq", "/search?sort=nonsense", "/about", "/bot", "/privacy", "/nowhere"];
  for (const colorScheme of ["light", "dark"]) {
    for (const path of pages) {
      const { context, page } = await visit(path, { colorScheme, bypassCSP: true });
      assert.deepEqual(await faults(page), [], `${path} ${colorScheme}`);
      await context.close();
    }
  }
});

test("paging goes on and back again", async () => {
  const { context, page } = await visit("/search?sort=-publishedAt");
  const first = await page.getByRole("article").getByRole("heading").allTextContents();
  await page.getByRole("link", { name: /next/i }).click();
  await page.waitForURL(/page=2/);
  const second = await page.getByRole("article").getByRole("heading").allTextContents();
  assert.notDeepEqual(first, second);
  await page.goBack();
  assert.deepEqual(await page.getByRole("article").getByRole("heading").allTextContents(), first);
  await context.close();
});

test("a phone needs no sideways scrolling, also at 400 % zoom", async () => {
  for (const [name, viewport] of [["phone", phone], ["zoomed", { width: 320, height: 256 }]]) {
    for (const path of ["/", "/search?search=the", "/bot"]) {
      const { context, page } = await visit(path, { viewport });
      const [scroll, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(scroll <= width, `${path} is ${scroll} px wide at ${width} px (${name})`);
      await context.close();
    }
  }
});

test("pictures come through us and are pictures", async () => {
  const { context, page } = await visit("/search?sort=-publishedAt");
  await page.waitForLoadState("networkidle");
  const widths = await page.locator("article img").evaluateAll((images) => images.map((image) => [image.loading, image.src, image.naturalWidth]));
  assert.ok(widths.length > 0);
  assert.ok(widths.every(([, source]) => source.startsWith(`${demo.address}/img/`)), String(widths));
  assert.ok(widths.some(([, , width]) => width > 0), "at least one picture was loaded");
  await context.close();
});

test("the keyboard reaches the box, the filters and the results", async () => {
  const { context, page } = await visit("/search?search=the");
  await page.keyboard.press("Tab");
  const first = await page.evaluate(() => document.activeElement?.textContent?.trim());
  assert.match(first ?? "", /skip/i);
  const reached = new Set();
  for (let step = 0; step < 40; step += 1) {
    reached.add(await page.evaluate(() => document.activeElement?.closest("article") ? "result" : document.activeElement?.tagName.toLowerCase()));
    await page.keyboard.press("Tab");
  }
  for (const kind of ["input", "result"]) assert.ok(reached.has(kind), `${kind} not among ${[...reached]}`);
  await context.close();
});

test("a search as a visitor sees it", async () => {
  for (const [name, options] of [
    ["results-desktop", { viewport: desktop }],
    ["results-desktop-dark", { viewport: desktop, colorScheme: "dark" }],
    ["results-tablet", { viewport: { width: 768, height: 1000 } }],
    ["results-phone", { viewport: phone }],
    ["results-phone-dark", { viewport: phone, colorScheme: "dark" }],
    ["results-forced-colours", { viewport: desktop, forcedColors: "active" }],
  ]) {
    const { context, page } = await visit("/search?search=the", options);
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: `${artefacts}${name}.png`, fullPage: false });
    await context.close();
  }
  const { context, page } = await visit("/", { viewport: phone });
  await page.screenshot({ path: `${artefacts}home-phone.png` });
  await context.close();
});
