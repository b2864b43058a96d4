// A headless Chromium of its own: a fresh profile each time, and nothing that talks to anybody.
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export function open() {
  return chromium.launch({ executablePath: process.env.REBOOK_TEST_CHROMIUM, headless: true, args: FLAGS });
}
