import { describe, expect, it } from 'vitest';
import { withoutUnusedMethods } from '../unused_methods.mjs';

const MODULE = `
var Other = class { unused() {} };
var Grid = class {
  field = this.fromField();
  constructor() { this.fromConstructor(); }
  fromField() {}
  fromConstructor() { return this.fromMethod(); }
  fromMethod() {}
  called() { const name = 'byText'; return this[name]; }
  byText() {}
  replaced() { this.onlyThere(); }
  onlyThere() {}
  extended() {}
  lonely() { this.lonely(); this.other(); }
  other() { this.lonely(); }
};
`;
const USER = `
class Own extends Grid {
  override replaced() {}
  override extended() { super.extended(); }
}
new Own().called();
`;

describe('a class without its unused methods', () => {
  const left = withoutUnusedMethods(MODULE, 'Grid', USER);

  it.each(['fromField', 'fromConstructor', 'fromMethod', 'called', 'byText', 'extended'])(
    'has %s, which is called',
    (name) => {
      expect(left).toContain(`  ${name}() {`);
    },
  );

  it.each(['replaced', 'onlyThere', 'lonely', 'other'])('has no %s', (name) => {
    expect(left).not.toContain(`  ${name}() {`);
  });

  it('leaves other classes as they are', () => {
    expect(left).toContain('unused() {}');
  });

  it('is not made where the class is called otherwise now', () => {
    expect(() => withoutUnusedMethods(MODULE, 'SlickGrid', USER)).toThrow(
      'has the module changed?',
    );
  });
});
