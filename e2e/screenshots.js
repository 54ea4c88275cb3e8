// Makes the pictures of the README from the demo.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startBrowser, startDemo } from "./tests/service.js";

const folder = fileURLToPath(new URL("../docs/screenshots/", import.meta.url));
const shots = [
  ["results-desktop.png", { viewport: { width: 1280, height: 800 }, colorScheme: "light" }],
  ["results-phone-dark.png", { viewport: { width: 390, height: 800 }, colorScheme: "dark" }],
];

mkdirSync(folder, { recursive: true });
const [demo, browser] = await Promise.all([startDemo(), startBrowser()]);
try {
  for (const [name, options] of shots) {
    const context = await browser.newContext({ ...options, deviceScaleFactor: 1 });
    const page = await context.newPage();
    // A word that several languages share, so that the picture shows more than one.
    await page.goto(`${demo.address}/search?search=${encodeURIComponent(process.env.WORDS ?? "jazz")}`);
    await page.waitForLoadState("networkidle");
    await page.screenshot({ path: folder + name });
    await context.close();
  }
} finally {
  await browser.close();
  await demo.stop();
}
