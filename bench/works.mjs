// What the scripts of works on npm's TinyBase share: the data, and a line with a work's name in, a
// line with the milliseconds that it took (or the bytes that it holds) out. Needs --expose-gc.
import {createInterface} from 'node:readline';

export const ROW = {id: 1, name: 'name', price: 0.5, sold: true, kind: 'kind'};

export const makeTable = (count, prefix = 'r') => {
  const table = {};
  for (let i = 0; i < count; i++) {
    table[prefix + i] = {id: i, name: 'name ' + i, price: ((i * 37) % 100_000) / 100, sold: i % 3 == 0, kind: 'kind ' + (i % 10)};
  }
  return table;
};

// Each work is a pair: what is not timed gives what the timed part gets. What that gives, if it
// gives a number, are milliseconds to take off.
export const serve = async (works, figures = {}) => {
  for await (const name of createInterface({input: process.stdin})) {
    let result;
    if (name in figures) {
      result = await figures[name]();
    } else {
      const [prepare, work] = works[name];
      const prepared = await prepare();
      gc();
      const start = performance.now();
      const takeOff = work(prepared);
      const idle = takeOff instanceof Promise ? await takeOff : 0;
      result = performance.now() - start - (typeof idle == 'number' ? idle : 0);
    }
    process.stdout.write(result + '\n');
  }
};
