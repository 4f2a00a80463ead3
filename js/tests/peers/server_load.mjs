// Many clients of a server in one room: each edits some times a second, and all hear of it.
//
// Given: protocol, server, clients, edits a second, seconds. Prints a line of JSON. How late an edit
// is heard is measured at every clients/8-th client, which reads what it gets; the others only
// receive it. Started by bench/server_bench.py, from js/.
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import WebSocket from 'ws';
import * as Y from 'yjs';

const [protocol, url, ...numbers] = process.argv.slice(2);
const [clients, rate, seconds] = numbers.map(Number);
const isHocuspocus = protocol === 'hocuspocus';
const room = 'bench';

function message(write) {
  const encoder = encoding.createEncoder();
  if (isHocuspocus) encoding.writeVarString(encoder, room);
  write(encoder);
  return encoding.toUint8Array(encoder);
}
const sync = (step, payload) =>
  message((encoder) => {
    encoding.writeVarUint(encoder, 0);
    encoding.writeVarUint(encoder, step);
    encoding.writeVarUint8Array(encoder, payload);
  });

const sent = new Map(); // "client:clock" to when it was sent
const delays = [];
let heard = 0;
const authors = new Set();

function read(data) {
  const decoder = decoding.createDecoder(data);
  if (isHocuspocus) decoding.readVarString(decoder);
  if (decoding.readVarUint(decoder) !== 0 || decoding.readVarUint(decoder) !== 2) return;
  const now = performance.now();
  for (const struct of Y.decodeUpdate(decoding.readVarUint8Array(decoder)).structs) {
    if (!authors.has(struct.id.client)) continue;
    for (let clock = struct.id.clock; clock < struct.id.clock + struct.length; clock++) {
      const when = sent.get(`${struct.id.client}:${clock}`);
      if (when !== undefined) delays.push(now - when);
    }
    heard += struct.length;
  }
}

class Client {
  constructor(number) {
    this.isReading = number % Math.ceil(clients / 8) === 0;
    this.doc = new Y.Doc();
    this.doc.clientID = 1000 + number;
    authors.add(this.doc.clientID);
    this.clock = 0;
    this.doc.on('update', (update) => {
      sent.set(`${this.doc.clientID}:${this.clock++}`, performance.now());
      this.socket.send(sync(2, update));
    });
  }

  join() {
    return new Promise((resolve, reject) => {
      this.socket = new WebSocket(isHocuspocus ? url : `${url}/${room}`, {
        perMessageDeflate: false,
      });
      this.socket.on('error', reject);
      this.socket.on('open', () => {
        if (isHocuspocus) {
          this.socket.send(
            message((encoder) => {
              encoding.writeVarUint(encoder, 2);
              encoding.writeVarUint(encoder, 0);
              encoding.writeVarString(encoder, '');
            }),
          );
        }
        this.socket.send(sync(0, new Uint8Array([0])));
      });
      this.socket.once('message', resolve);
      this.socket.on('message', (data) => this.isReading && read(data));
    });
  }

  edit(number) {
    this.doc.getMap('tinybase').set(`c${this.doc.clientID}`, number);
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const all = Array.from({ length: clients }, (_, number) => new Client(number));
for (const client of all) await client.join();
await pause(500);

const readers = all.filter((client) => client.isReading).length;
const ticks = [];
const started = performance.now();
for (const [number, client] of all.entries()) {
  ticks.push(
    (async () => {
      for (let edit = 0; edit < rate * seconds; edit++) {
        const due = started + (1000 / rate) * (edit + number / clients);
        await pause(Math.max(0, due - performance.now()));
        client.edit(edit);
      }
    })(),
  );
}
await Promise.all(ticks);
const took = (performance.now() - started) / 1000;
// Who made an edit need not hear of it.
const expected = clients * rate * seconds * (readers - 1);
const end = performance.now() + 30_000;
while (heard < expected && performance.now() < end) await pause(20);
delays.sort((one, other) => one - other);
const at = (part) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))] ?? null;
console.log(
  JSON.stringify({
    median: at(0.5),
    late: at(0.99),
    heard: Math.min(1, heard / expected),
    rate: (clients * rate * seconds) / took,
  }),
);
process.exit();
