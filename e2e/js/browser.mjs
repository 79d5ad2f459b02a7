// Opens a survey report in Chromium for the end-to-end tests, as readers do,
// and prints one JSON object with what it saw.
//
//   node browser.mjs CHROMIUM BARE REPORT [FOLDER]
//
// BARE is a page with a table and nothing else, opened beside the report to
// compare. With a folder, it also leaves pictures and a print there.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, bare, report, folder] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const address = pathToFileURL(report).href;
const seen = { console: [], requests: [], views: [] };

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
const devices = [
  { name: "desktop", width: 1280, height: 900 },
  { name: "phone", width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
];
// How long until there are rows to see, in milliseconds.
const open = async (page, address) => {
  const began = performance.now();
  await page.goto(address);
  await page.waitForSelector("#table tbody tr");
  return Math.round(performance.now() - began);
};
for (const { name, width, height, ...options } of devices) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, ...options });
    const barePage = await context.newPage();
    const bareMS = await open(barePage, pathToFileURL(bare).href);
    await barePage.close();
    const page = await context.newPage();
    page.on("console", (message) => seen.console.push(message.text()));
    page.on("pageerror", (error) => seen.console.push(error.message));
    page.on("request", (request) => {
      if (request.url() !== address && !request.url().startsWith("data:")) seen.requests.push(request.url());
    });
    const ms = await open(page, address);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    seen.views.push({
      name, scheme: colorScheme, bare: bareMS, ms,
      overflow: await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
      violations: violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " " + n.failureSummary.replace(/\s+/g, " ")).join(" | ")}`),
    });
    if (folder) {
      const total = await page.evaluate(() => document.documentElement.scrollHeight);
      for (let y = 0, n = 1; y < total && n <= 5; y += 1600, n++) {
        await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${n}.png`, fullPage: true, clip: { x: 0, y, width, height: Math.min(1600, total - y) } });
      }
    }
    await context.close();
  }
}

// The table: what it shows after each thing that a reader does.
const page = await browser.newPage();
page.on("console", (message) => seen.console.push(message.text()));
page.on("pageerror", (error) => seen.console.push(error.message));
await page.goto(address);
const table = () => page.evaluate(() => ({
  status: document.getElementById("status").textContent,
  rows: document.querySelectorAll("#table tbody tr").length,
  first: [...document.querySelectorAll("#table tbody tr:first-child > *")].map((e) => e.innerText.trim()),
  sort: [...document.querySelectorAll("#table th[aria-sort]")].map((e) => e.innerText.trim() + " " + e.getAttribute("aria-sort")),
}));
const heading = (name) => page.locator("#table thead").getByRole("button", { name, exact: true });
seen.steps = {};
const step = async (name, act) => {
  const began = performance.now();
  await act();
  seen.steps[name] = { ...await table(), ms: Math.round(performance.now() - began) };
};
await step("opened", async () => {});
await step("next page", () => page.click("#next"));
await step("sorted by domain", () => heading("Domein").click());
await step("sorted the other way, by keyboard", async () => { await heading("Domein").focus(); await page.keyboard.press("Enter"); });
await step("sorted by DMARC", () => heading("DMARC").click());
await step("searched", () => page.fill("#q", "MICROSOFT zeeland"));
await step("searched in vain", () => page.fill("#q", "<b>no such domain"));
await step("law chosen", async () => { await page.fill("#q", ""); await page.selectOption("#by-law", "own"); });
await step("group chosen", async () => { await page.selectOption("#by-law", ""); await page.selectOption("#by-group", { label: "Zeeland" }); });
const groups = () => page.locator("#compare-table tbody th").allInnerTexts();
seen.groups = { before: await groups() };
await page.locator("#compare-table thead button").first().click();
seen.groups.after = await groups();
await page.emulateMedia({ media: "print" });
const print = await page.pdf({ format: "A4", path: folder && `${folder}/print.pdf` });
seen.print = print.length;

// Without scripts there is still a report.
const plain = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
await plain.goto(address);
seen.withoutScript = { bars: await plain.locator(".chart tbody tr").count(), note: await plain.locator("noscript").innerText(), table: await plain.locator("#table").isVisible() };

await browser.close();
console.log(JSON.stringify(seen));
