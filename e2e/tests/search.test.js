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

test("a town in the near box shows what happens there, and the same is a calendar", async () => {
  const { context, page } = await visit("/");
  await page.getByRole("link", { name: /events/ }).first().click();
  await page.getByLabel("Near", { exact: true }).fill("Lione");
  await page.getByLabel("Near", { exact: true }).press("Enter");
  await page.waitForURL(/near=Lione/);
  assert.match(await page.getByRole("status").textContent(), /within 25 km of Lyon, .*FR/);
  const articles = page.getByRole("article");
  assert.ok((await articles.count()) >= 3);
  for (const text of await articles.allTextContents()) assert.match(text, /· \d[\d.]* k?m/);
  // Nothing that is over: the visitor's clock is that of the server here.
  const answer = await fetch(`${demo.address}/api/v1/search?kinds=events&near=Lyon&count=50`);
  assert.equal(answer.status, 200);
  const calendar = await page.getByRole("link", { name: /calendar/ }).getAttribute("href");
  const ics = await fetch(new URL(calendar, demo.address));
  assert.equal(ics.headers.get("content-type"), "text/calendar; charset=utf-8");
  assert.match(await ics.text(), /BEGIN:VEVENT/);
  await page.getByRole("link", { name: "Next 7 days" }).click();
  await page.waitForURL(/when=week/);
  assert.match(await page.getByText("Days are counted").textContent(), /Europe\/Paris/);
  await context.close();
});

const pages = [
  "/",
  "/search?search=the",
  "/search?sort=-publishedAt&nsfw=both",
  "/search?search=zzzzqqqq&languageOneOf=fr",
  "/search?sort=nonsense",
  "/events",
  "/events?near=Lyon&radius=100",
  "/events?near=Atlantis-on-Sea&when=weekend",
  "/events?search=zzzzqqqq&categoryOneOf=MUSIC",
  "/events?when=nonsense",
  "/about",
  "/stats",
  "/submit",
  "/bot",
  "/privacy",
  "/nowhere",
];

test("nobody else is asked for anything, nothing is kept in the browser, and the policy is kept", async () => {
  for (const path of pages) {
    const { context, page, seen, response } = await visit(path);
    await page.waitForLoadState("networkidle");
    const foreign = seen.requests.filter((url) => !url.startsWith(`${demo.address}/`));
    assert.deepEqual(foreign, [], path);
    assert.deepEqual(await context.cookies(), [], path);
    // Chromium writes every breach of the policy to the console. A page that is an error is itself told as one.
    const breaches = seen.errors.filter((text) => response.ok() || !text.startsWith("Failed to load resource"));
    assert.deepEqual(breaches, [], path);
    const headers = response.headers();
    assert.match(headers["content-security-policy"], /default-src 'none'.*script-src 'none'.*frame-ancestors 'none'/, path);
    assert.equal(headers["referrer-policy"], "no-referrer", path);
    assert.equal(headers["x-content-type-options"], "nosniff", path);
    assert.equal(headers["cross-origin-opener-policy"], "same-origin", path);
    assert.equal(headers["strict-transport-security"], undefined, "the demo has no https");
    await context.close();
  }
});

test("every page works without scripts, and has none", async () => {
  for (const path of pages) {
    const { context, page } = await visit(path, { javaScriptEnabled: false });
    assert.equal(await page.locator("script").count(), 0, path);
    await context.close();
  }
  const { context, page } = await visit("/", { javaScriptEnabled: false });
  await page.getByRole("searchbox").fill("the");
  await page.getByText("Filters", { exact: true }).first().click();
  await page.getByLabel("Language").selectOption("en");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/languageOneOf=en/);
  const languages = await page.getByRole("article").evaluateAll((articles) => articles.map((article) => article.lang));
  assert.ok(languages.length > 0 && languages.every((language) => language === "en"), String(languages));
  await page.getByRole("link", { name: "Remove the filter English" }).click();
  await page.waitForURL((url) => !url.search.includes("languageOneOf"));
  await context.close();
});

test("axe-core finds nothing on any page and state, light and dark", async () => {
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
    for (const path of [...pages, "/search?languageOneOf=ar"]) {
      const { context, page } = await visit(path, { viewport });
      const [scroll, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(scroll <= width, `${path} is ${scroll} px wide at ${width} px (${name})`);
      await context.close();
    }
  }
});

test("a title in a script from right to left begins at its right, next to its picture", async () => {
  const { context, page } = await visit("/search?languageOneOf=ar");
  const article = page.getByRole("article").first();
  const [title, picture] = await Promise.all([article.getByRole("heading").getByRole("link").boundingBox(), article.locator("img").boundingBox()]);
  assert.ok(title.x + title.width <= picture.x && title.x + title.width > picture.x - 40, JSON.stringify({ title, picture }));
  await context.close();
});

test("the page for admins shows the name that stands in their logs, with its contact", async () => {
  const { context, page } = await visit("/bot");
  assert.match(await page.locator("pre").first().textContent(), /^Vigie\/\S+ \(\+https:\/\/\S+\)$/);
  await context.close();
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
  const tablet = { width: 768, height: 1000 };
  const looks = [
    ["home-desktop", "/", { viewport: desktop }],
    ["home-phone", "/", { viewport: phone }],
    ["results-desktop", "/search?search=the", { viewport: desktop }],
    ["results-desktop-dark", "/search?search=the", { viewport: desktop, colorScheme: "dark" }],
    ["results-forced-colours", "/search?search=the&sort=-views", { viewport: desktop, forcedColors: "active" }],
    ["results-tablet", "/search?search=the", { viewport: tablet }],
    ["results-phone-dark", "/search?search=the", { viewport: phone, colorScheme: "dark" }],
    ["arabic-tablet", "/search?languageOneOf=ar", { viewport: tablet }],
    ["sensitive-desktop", "/search?nsfw=true", { viewport: desktop }],
    ["nothing-phone", "/search?search=zzzzqqqq&languageOneOf=fr", { viewport: phone }],
    ["events-desktop", "/events?near=Lyon&radius=100", { viewport: desktop }],
    ["events-desktop-dark", "/events?near=Lyon&radius=100", { viewport: desktop, colorScheme: "dark" }],
    ["events-tablet", "/events?search=concert", { viewport: tablet }],
    ["events-phone", "/events?near=Lyon&when=weekend", { viewport: phone }],
    ["wrong-phone", "/search?sort=nonsense", { viewport: phone }],
  ];
  for (const [name, path, options] of looks) {
    const { context, page } = await visit(path, options);
    await page.waitForLoadState("networkidle");
    const picture = await page.screenshot({ path: `${artefacts}${name}.png` });
    assert.ok(picture.length > 5_000, name);
    await context.close();
  }
});
