// Loads pages from files and says what is wrong with each, as JSON: one object per page.
//
//   node check.mjs PAGE…
//
// Told of each page: every request but the page itself, every word on the console, what the accessibility checker
// finds, elements that only foreign markup could have made, and how it prints on A4 and Letter.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { open } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// Points of a page of paper, 72 to the inch.
const PAPERS = { A4: [595, 842], Letter: [612, 792] };

const browser = await open();
for (const file of process.argv.slice(2)) {
  const url = pathToFileURL(file).href;
  const context = await browser.newContext({ viewport: { width: 1000, height: 1200 } });
  const page = await context.newPage();
  const requests = [], words = [], dialogs = [];
  page.on('request', request => { if (request.url() !== url) requests.push(request.url()); });
  page.on('console', message => words.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', error => words.push(`error: ${error}`));
  page.on('dialog', dialog => { dialogs.push(dialog.message()); dialog.dismiss(); });
  await page.goto(url);
  const seen = await page.evaluate(() => ({
    foreign: [...document.querySelectorAll('script, img, iframe, object, embed, link, form, input, video, audio, base')]
      .map(element => element.outerHTML.slice(0, 100)),
    handlers: [...document.querySelectorAll('*')]
      .flatMap(element => element.getAttributeNames().filter(name => name.startsWith('on') || name === 'style')),
    wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    text: document.body.innerText,
    owned: globalThis.owned ?? null,
    policy: document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.content ?? null,
  }));
  // The page's own policy forbids scripts, so the checker comes in through the debugger.
  const debug = await context.newCDPSession(page);
  await debug.send('Runtime.evaluate', { expression: axe });
  const violations = await page.evaluate(async () => globalThis.axe
    ? (await globalThis.axe.run()).violations.map(found => `${found.id}: ${found.nodes.map(node => node.target).join(' ')}`)
    : null);
  const print = {};
  for (const [paper, [width, height]] of Object.entries(PAPERS)) {
    const pdf = (await page.pdf({ format: paper, printBackground: false })).toString('latin1');
    const boxes = [...pdf.matchAll(/\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)/g)].map(box => [+box[1], +box[2]]);
    print[paper] = {
      pages: boxes.length,
      right: boxes.length > 0 && boxes.every(([w, h]) => Math.abs(w - width) < 2 && Math.abs(h - height) < 2),
    };
  }
  console.log(JSON.stringify({ file, requests, words, dialogs, violations, print, ...seen }));
  await context.close();
}
await browser.close();
