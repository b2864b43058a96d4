// Takes a picture of a page: node picture.mjs PAGE FILE WIDTH HEIGHT; height 0 takes the whole page.
import { pathToFileURL } from 'node:url';
import { open } from './browser.mjs';

const [page, file, width, height] = process.argv.slice(2);
const browser = await open();
const tab = await browser.newPage({ viewport: { width: +width, height: +height || 400 } });
await tab.goto(pathToFileURL(page).href);
await tab.screenshot({ path: file, fullPage: +height === 0 });
await browser.close();
