// Starts the real binary on the demo fediverse, and Debian's Chromium beside it. Used by every test file.

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = process.env.VIGIE ?? `${root}target/debug/vigie`;
export const artefacts = fileURLToPath(new URL("../artefacts/", import.meta.url));
mkdirSync(artefacts, { recursive: true });

/** Starts `vigie demo` and resolves with its address once its first crawl is searchable. */
export async function startDemo() {
  const child = spawn(program, ["demo", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const address = await new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error("the demo was not ready within 180 s")), 180_000);
    ended.then((code) => reject(new Error(`the demo ended with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = line.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) {
        clearTimeout(limit);
        resolve(found[0]);
      }
    });
  });
  return {
    address,
    async stop() {
      child.kill("SIGINT");
      return ended;
    },
  };
}

/** Starts Chromium without anything that would talk to the network on its own. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
