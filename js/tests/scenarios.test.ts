/**
 * The scenarios of `tests/scenarios`, which Python plays too: the same Stores and the same bytes come out.
 */
/// <reference types="vite/client" />
import { describe, expect, test } from 'vitest';
import { Player, type Scenario } from './scenarios_player.ts';

const FOLDER = '../../tests/scenarios';
const scenarios = Object.entries(
  import.meta.glob<Scenario>('../../tests/scenarios/*.json', { eager: true, import: 'default' }),
).map(([file, scenario]) => ({ name: file.slice(FOLDER.length + 1, -'.json'.length), scenario }));

describe('scenario', () => {
  test.each(scenarios)('$name', async ({ name, scenario }) => {
    const player = new Player(scenario);
    const outcome = await player.play();
    expect(player.stores).toMatchObject(scenario.stores ?? {});
    expect(player.counts).toMatchObject(scenario.counts ?? {});
    expect(player.troubled).toEqual([]);
    const text = `${JSON.stringify(outcome, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`${FOLDER}/expected/${name}.json`);
  });
});
