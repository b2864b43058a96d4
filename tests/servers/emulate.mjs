// Starts `emulate`, a fake of Stripe and Google Calendar that somebody else wrote, on loopback alone; fills it, and writes
// the two addresses to a file when it is ready.
//
//   node emulate.mjs FOLDER_WITH_NODE_MODULES FILE
import net from "node:net";
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// It listens on every interface, and takes no other wish from outside.
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, { port, host: "127.0.0.1" }, ...rest.filter((argument) => typeof argument === "function"));
};

const [folder, file] = process.argv.slice(2);
const { createEmulator } = await import(pathToFileURL(`${folder}/node_modules/emulate/dist/api.js`).href);

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.listen(0, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const user = "desk@hire.example";
const events = Array.from({ length: 620 }, (_, number) => ({
  id: `evt${number}`,
  user_email: user,
  calendar_id: "primary",
  summary: `Bike ${number}`,
  start_date_time: "2026-02-03T09:00:00.000Z",
  end_date_time: "2026-02-03T10:00:00.000Z",
}));
const google = await createEmulator({
  service: "google",
  port: await freePort(),
  seed: {
    tokens: { "ya29.hush": { login: user, scopes: [] } },
    google: {
      users: [{ email: user, name: "Desk" }],
      calendars: [{ id: "primary", user_email: user, summary: user, primary: true, selected: true, time_zone: "UTC" }],
      calendar_events: events,
    },
  },
});
const stripe = await createEmulator({
  service: "stripe",
  port: await freePort(),
  seed: { tokens: { rk_live_hush: { login: "admin" } }, stripe: {} },
});

const here = (url) => url.replace("localhost", "127.0.0.1");
const post = async (path, form) => {
  const answer = await fetch(`${here(stripe.url)}${path}`, {
    method: "POST",
    headers: { authorization: "Bearer rk_live_hush", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};
for (let number = 0; number < 230; number++) {
  const customer = await post("/v1/customers", { email: `guest${number}@mail.example`, name: `Guest ${number}` });
  if (number < 110) {
    const intent = await post("/v1/payment_intents", { amount: 1000 + number, currency: "eur", customer: customer.id });
    await post(`/v1/payment_intents/${intent.id}/confirm`, {});
  }
}
writeFileSync(file, `${here(stripe.url)}\n${here(google.url)}\n`);
